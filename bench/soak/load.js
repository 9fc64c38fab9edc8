import { setTimeout as delay } from 'node:timers/promises';
import { call, post, whenInService } from '../lib/sagemaker.js';
import { question } from './project.js';

/** UpdateEndpoint goes from the one to the other and back. */
const CONFIGS = ['soak-a', 'soak-b'];
const UPDATED = 'updated';

const SMALL = question(3, 10);
const MIDDLE = question(100_000, 256_000);
const LARGE = question(2_000_000, 5_000_000);

/** A file is saved, an endpoint made or updated, and the next only when the last has had some time to itself. */
const REST_MS = 2_000;

/**
 * Makes what the load needs beside what config.yml describes.
 * @param {string} url
 * @returns {Promise<string>} the one model
 */
export async function makeEndpoints(url) {
  await whenInService(url, 'edited');
  const [{ ModelName }] = (await call(url, 'ListModels', {})).Models;
  for (const name of CONFIGS) await call(url, 'CreateEndpointConfig', config(name, ModelName));
  const names = { EndpointName: UPDATED, EndpointConfigName: CONFIGS[0] };
  await call(url, 'CreateEndpoint', names);
  await whenInService(url, UPDATED);
  return ModelName;
}

/** @param {string} EndpointConfigName @param {string} ModelName */
function config(EndpointConfigName, ModelName) {
  const variant = { VariantName: 'AllTraffic', ModelName, InstanceType: 'ml.m5.large' };
  return { EndpointConfigName, ProductionVariants: [{ ...variant, InitialInstanceCount: 1 }] };
}

/** Mixed load on one daemon: each of its parts does one thing again and again, and all at once. */
export class SoakLoad {
  /** How often each thing was done. @type {Record<string, number>} */
  counts = { invocations: 0, streamed: 0, looks: 0, reloads: 0, updates: 0, created: 0 };
  errors = 0;
  #url;
  #project;
  #model;
  #say;
  #until = 0;
  #turns = { update: 0, create: 0 };

  /**
   * @param {import('../reload/reloads.js').Project} project
   * @param {string} model of what is made
   * @param {(line: string) => void} say
   */
  constructor(project, model, say) {
    this.#model = model;
    this.#url = project.url;
    this.#project = project;
    this.#say = say;
  }

  /** Ends when each part has ended what it had begun. @param {number} seconds */
  async run(seconds) {
    this.#until = performance.now() + seconds * 1000;
    const again = (work, pauseMs = 0) => this.#again(work, pauseMs);
    await Promise.all([
      ...Array.from({ length: 4 }, () => again(() => this.#invoke('edited', SMALL))),
      again(() => this.#invoke(UPDATED, SMALL), 5),
      again(() => this.#invoke('edited', MIDDLE), 20),
      again(() => this.#invoke('edited', LARGE), 500),
      again(() => this.#stream(SMALL), 5),
      again(() => this.#stream(MIDDLE), 100),
      again(() => this.#look(), 20),
      again(() => this.#update(), REST_MS),
      // In turn: a handler that is saved while an endpoint is being made has that begin anew.
      again(() => this.#reload().then(() => this.#create()), REST_MS),
    ]);
  }

  /** @param {() => Promise<unknown>} work @param {number} pauseMs */
  async #again(work, pauseMs) {
    while (performance.now() < this.#until) {
      try {
        await work();
      } catch (error) {
        this.errors += 1;
        if (this.errors <= 10) this.#say(`  error: ${error}`);
        await delay(100);
      }
      if (pauseMs > 0) await delay(pauseMs);
    }
  }

  /** @param {string} endpoint @param {ReturnType<typeof question>} asked */
  async #invoke(endpoint, { body, sum, letters }) {
    const path = `/endpoints/${endpoint}/invocations`;
    const answer = await post(this.#url, path, { 'content-type': 'application/json' }, body);
    this.counts.invocations += 1;
    if (answer.status !== 200) throw new Error(`${endpoint}: ${answer.status} ${answer.body}`);
    // Whole: with all of its letters, in JSON that ends.
    const isWhole = answer.length > letters && answer.body.subarray(-2).toString() === '"}';
    if (!isWhole || !answer.body.includes(sum)) throw new Error(`${endpoint}: a wrong answer`);
  }

  /** @param {ReturnType<typeof question>} asked */
  async #stream({ body, sum, letters }) {
    const path = '/endpoints/edited/invocations-response-stream';
    const answer = await post(this.#url, path, { 'content-type': 'application/json' }, body);
    this.counts.streamed += 1;
    const isWhole = answer.length > letters && !answer.body.includes(':exception-type');
    if (answer.status !== 200 || !isWhole || !answer.body.includes(sum))
      throw new Error(`streamed: ${answer.status} ${answer.body.subarray(0, 500)}`);
  }

  async #look() {
    this.counts.looks += 1;
    await call(this.#url, 'DescribeEndpoint', { EndpointName: UPDATED });
    await call(this.#url, 'ListEndpoints', {});
    await call(this.#url, 'ListModels', { MaxResults: 5 });
  }

  async #reload() {
    await this.#project.reload('src/inference.py', 'code', 20);
    this.counts.reloads += 1;
  }

  async #update() {
    this.#turns.update += 1;
    const EndpointConfigName = CONFIGS[this.#turns.update % CONFIGS.length];
    await call(this.#url, 'UpdateEndpoint', { EndpointName: UPDATED, EndpointConfigName });
    await whenInService(this.#url, UPDATED, 50);
    this.counts.updates += 1;
  }

  async #create() {
    this.#turns.create += 1;
    const EndpointName = `made-${this.#turns.create}`;
    await call(this.#url, 'CreateEndpointConfig', config(EndpointName, this.#model));
    await call(this.#url, 'CreateEndpoint', { EndpointName, EndpointConfigName: EndpointName });
    await whenInService(this.#url, EndpointName, 50);
    await this.#invoke(EndpointName, SMALL);
    await call(this.#url, 'DeleteEndpoint', { EndpointName });
    await call(this.#url, 'DeleteEndpointConfig', { EndpointConfigName: EndpointName });
    const input = { NameContains: EndpointName };
    while ((await call(this.#url, 'ListEndpoints', input)).Endpoints.length > 0) await delay(50);
    this.counts.created += 1;
  }
}
