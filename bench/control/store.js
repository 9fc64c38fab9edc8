import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { call } from '../lib/sagemaker.js';
import { config, model } from './operations.js';

const AT_ONCE = 32;

/**
 * Makes models, configs and endpoints of the names `bench-0` and so on.
 * @param {string} url
 * @param {{ models: number, configs: number, endpoints: number }} counts
 */
export async function fill(url, { models, configs, endpoints }) {
  await each(models, (index) => call(url, 'CreateModel', model(`bench-${index}`)));
  await each(configs, (index) => call(url, 'CreateEndpointConfig', config(`bench-${index}`)));
  await each(endpoints, (index) => {
    const EndpointName = `bench-${index}`;
    return call(url, 'CreateEndpoint', { EndpointName, EndpointConfigName: 'bench-0' });
  });
}

/** @param {number} count @param {(index: number) => Promise<unknown>} work */
async function each(count, work) {
  let index = 0;
  const one = async () => {
    while (index < count) {
      const mine = index;
      index += 1;
      await work(mine);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
}

/**
 * A project in which nothing is run for an endpoint: see the Python that `model` of operations.js names.
 * @param {string} folder
 */
export async function writeProcessProject(folder) {
  await writeFile(join(folder, 'config.yml'), 'engine: process\n');
}

/**
 * Waits until no endpoint is being worked on any more.
 * @param {string} url
 */
export async function settle(url) {
  while ((await call(url, 'ListEndpoints', { StatusEquals: 'Creating' })).Endpoints.length > 0) {
    await delay(100);
  }
}
