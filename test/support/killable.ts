import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { StateFolder } from '../../src/daemon/state-folder.js';
import { docker } from '../containers/test-image.js';
import { ROOT } from './fixtures.js';
import { Foreground } from './foreground.js';
import { type Ran, run } from './run.js';
import { CREDENTIALS, containersOf, REGION } from './test-daemon.js';

/** An `smlocal up` of its own process, which may be killed and started again on the same state. */
export class Killable {
  readonly folder = mkdtempSync(join(tmpdir(), 'smlocal-killable-'));
  readonly #environment: NodeJS.ProcessEnv;
  #process: Foreground | undefined;
  #clients: { sagemaker: SageMakerClient; runtime: SageMakerRuntimeClient } | undefined;

  /**
   * @param environment what its process has beside the tests' own environment
   * @param flags those of its `smlocal up`
   */
  constructor(
    environment: NodeJS.ProcessEnv = {},
    readonly flags: readonly string[] = ['--port', '0', '--engine', 'docker', '--no-watch'],
  ) {
    const { SMLOCAL_STATE_DIR: _, ...rest } = process.env;
    this.#environment = { ...rest, AWS_REGION: REGION, ...environment };
    writeFileSync(join(this.folder, 'config.yml'), '{}');
  }

  get state(): StateFolder {
    return new StateFolder(join(this.folder, '.smlocal'));
  }

  get output(): string {
    return this.#running.output;
  }

  get pid(): number {
    return this.#running.pid;
  }

  get sagemaker(): SageMakerClient {
    return this.#connected.sagemaker;
  }

  get runtime(): SageMakerRuntimeClient {
    return this.#connected.runtime;
  }

  /** Starts the process; returns at once. */
  spawn(): void {
    this.#process = new Foreground(process.execPath, [`${ROOT}dist/cli.js`, 'up', ...this.flags], {
      cwd: this.folder,
      env: this.#environment,
    });
  }

  /** Starts the process, and returns as soon as it takes calls. */
  async start(): Promise<void> {
    this.spawn();
    await this.listening();
  }

  /** Waits until it takes calls, and connects to it. */
  async listening(): Promise<void> {
    await this.#running.printed('and any AWS SDK finds it');
    const endpoint = / listens on (\S+)/.exec(this.output)?.[1];
    const settings = { endpoint, region: REGION, credentials: CREDENTIALS, maxAttempts: 1 };
    this.#clients = {
      sagemaker: new SageMakerClient(settings),
      runtime: new SageMakerRuntimeClient(settings),
    };
  }

  /** What a power cut does to a process: no word of farewell. */
  async kill(): Promise<void> {
    this.#running.signal('SIGKILL');
    await this.#running.ended;
    this.#disconnect();
  }

  printed(text: string): Promise<void> {
    return this.#running.printed(text);
  }

  /** Types another `smlocal …` beside it. */
  smlocal(...args: string[]): Promise<Ran> {
    return run(process.execPath, [`${ROOT}dist/cli.js`, ...args], {
      cwd: this.folder,
      env: this.#environment,
    });
  }

  containers(endpointName?: string): Promise<string[]> {
    return containersOf(this.state.id, endpointName);
  }

  /** Ends the process in whatever state it is, its containers and the folder. */
  async dispose(): Promise<void> {
    if (this.#process !== undefined) await this.kill();
    const left = await this.containers();
    if (left.length > 0) await docker('rm', '--force', ...left);
    rmSync(this.folder, { recursive: true });
  }

  #disconnect(): void {
    this.#clients?.sagemaker.destroy();
    this.#clients?.runtime.destroy();
    this.#clients = undefined;
  }

  get #running(): Foreground {
    if (this.#process === undefined) throw new Error('It has not been started.');
    return this.#process;
  }

  get #connected() {
    if (this.#clients === undefined) throw new Error('It takes no calls at the moment.');
    return this.#clients;
  }
}
