import type { DescribeEndpointCommandOutput, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { type SageMakerRuntimeClient, sageMakerClient, sageMakerRuntime } from '../aws/clients.js';
import type { Config, EndpointSettings } from '../config/config.js';
import { environmentBlock, LOCAL, loadConfig } from '../config/load.js';
import { createLocalImages } from '../containers/push.js';
import { type StateFolder, stateFolderFor } from '../daemon/state-folder.js';
import { execute } from '../deploy/execute.js';
import { locally } from '../deploy/locally.js';
import type { Step } from '../deploy/plan.js';
import type { Target } from '../deploy/target.js';
import { ExitCode, ServiceError, SmlocalError } from '../errors.js';
import type { OnProgress } from '../progress.js';
import { awsSettingsFor, type Connection, connect } from './connect.js';
import { lockDeploys } from './deploy-lock.js';
import { endpointsOf, prepare } from './prepare.js';

export interface DeployEnvOptions {
  /** The project's config file; `config.yml` of the working folder when absent. */
  readonly config?: string;
  /** The block of `environments:`; the variable DEPLOY_ENV when absent, and `local` where that is not set. */
  readonly environment?: string;
  /** Where smlocal keeps everything; `.smlocal` beside the config file when absent. */
  readonly stateDir?: string;
}

export interface InvokeOptions {
  /** The endpoint; may be left out where the environment has but one. */
  readonly endpointName?: string;
  readonly contentType?: string;
  readonly accept?: string;
}

const PRODUCTION = 'production';

/**
 * One script for every environment: what differs between them is in config.yml, and `DEPLOY_ENV` says which is meant.
 *
 *     const env = new DeployEnv();
 *     const client = await env.runtimeClient();   // of smlocal, or with DEPLOY_ENV=production of AWS
 *
 * @throws SmlocalError from the constructor where the file is wrong, or has no such environment
 */
export class DeployEnv {
  readonly #environment: string;
  readonly #settings: Readonly<Record<string, unknown>>;
  readonly #config: Config;
  readonly #folder: StateFolder;

  constructor(options: DeployEnvOptions = {}) {
    this.#environment = options.environment || process.env.DEPLOY_ENV || LOCAL;
    this.#settings = environmentBlock(options.config, this.#environment);
    this.#config = loadConfig(options.config, process.env, this.#environment);
    this.#folder = stateFolderFor(options, process.env);
  }

  /** The environment's name: `local`, `production` or another of config.yml. */
  currentEnv(): string {
    return this.#environment;
  }

  isLocal(): boolean {
    return this.#environment === LOCAL;
  }

  isProduction(): boolean {
    return this.#environment === PRODUCTION;
  }

  /**
   * A value of the environment's block, as config.yml has it: `setting('model_data_path')`.
   * @throws SmlocalError where the block does not say it
   */
  setting(name: string): unknown {
    if (name in this.#settings) return this.#settings[name];
    throw new SmlocalError(`The environment ${this.#environment} of config.yml has no ${name}.`, {
      hint: `It has ${Object.keys(this.#settings).join(', ')}.`,
      exitCode: ExitCode.usage,
    });
  }

  /** The AWS SDK's client of SageMaker, for this environment. @throws SmlocalError where smlocal is meant and does not run */
  async client(): Promise<SageMakerClient> {
    return sageMakerClient(await awsSettingsFor(this.#connection));
  }

  /** The AWS SDK's client of SageMaker Runtime, for this environment. @throws SmlocalError, as {@link client} */
  async runtimeClient(): Promise<SageMakerRuntimeClient> {
    return (await sageMakerRuntime(await awsSettingsFor(this.#connection))).client;
  }

  /** Whether the environment's endpoint is there and in service. */
  async isDeployed(endpointName?: string): Promise<boolean> {
    const { EndpointStatus } = (await this.#describe(this.#one(endpointName))) ?? {};
    return EndpointStatus === 'InService';
  }

  /**
   * What `smlocal deploy` does, without asking: packs, uploads, creates or updates, and waits until it serves.
   * @throws SmlocalError, ServiceError; what was done until then is found by the next call, and not done twice
   */
  async deploy(
    options: { signal?: AbortSignal; onProgress?: OnProgress; endpointName?: string } = {},
  ): Promise<void> {
    const { signal = new AbortController().signal, onProgress = () => {} } = options;
    const chosen = endpointsOf(this.#config, this.#environment, options.endpointName);
    this.#folder.create();
    const unlock = lockDeploys(this.#folder, this.#environment);
    let target: Target | undefined;
    try {
      target = await connect(this.#connection, signal);
      const images = createLocalImages();
      const parts = { config: this.#config, folder: this.#folder, images, signal, onProgress };
      for (const settings of chosen) {
        const taken = target.isLocal ? locally(settings).settings : settings;
        const { plan, wanted, pending, facts } = await prepare(target, taken, parts);
        const { push } = images;
        const onState = (activity: string) => onProgress({ activity });
        const onStep = ({ call, subject }: Step) => onProgress({ activity: `${call} ${subject}` });
        await execute(plan, {
          ...{ target, wanted, pending, push, signal, arrived: facts.arrived },
          ...{ onStep, onDone: () => {}, onProgress, onState },
        });
      }
    } finally {
      target?.dispose();
      unlock();
    }
  }

  /** Sends one request to the environment's endpoint. @returns the answer's body and its content type */
  async invoke(body: string | Uint8Array, options: InvokeOptions = {}) {
    const { contentType = 'application/json', accept } = options;
    const { sdk, client } = await sageMakerRuntime(await awsSettingsFor(this.#connection));
    try {
      const answer = await client.send(
        new sdk.InvokeEndpointCommand({
          EndpointName: this.#one(options.endpointName).endpointName,
          Body: typeof body === 'string' ? Buffer.from(body) : body,
          ContentType: contentType,
          Accept: accept,
        }),
      );
      return { body: Buffer.from(answer.Body ?? []), contentType: answer.ContentType };
    } finally {
      client.destroy();
    }
  }

  get #connection(): Connection {
    return { environment: this.#environment, config: this.#config, folder: this.#folder };
  }

  #one(endpointName: string | undefined): EndpointSettings {
    const [first, ...others] = endpointsOf(this.#config, this.#environment, endpointName);
    if (first !== undefined && others.length === 0) return first;
    throw new SmlocalError(`The environment ${this.#environment} has several endpoints.`, {
      hint: 'Name the one that is meant.',
      exitCode: ExitCode.usage,
    });
  }

  async #describe({ endpointName }: EndpointSettings) {
    const target = await connect(this.#connection, new AbortController().signal);
    try {
      const input = { EndpointName: endpointName };
      return (await target.control('DescribeEndpoint', input)) as DescribeEndpointCommandOutput;
    } catch (error) {
      if (error instanceof ServiceError && /^Could not find/.test(error.message)) return undefined;
      throw error;
    } finally {
      target.dispose();
    }
  }
}
