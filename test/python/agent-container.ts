import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { vi } from 'vitest';
import type { WorkerReport } from '../../src/reload/mailbox.js';
import { ROOT } from '../support/fixtures.js';

const execute = promisify(execFile);

export async function docker(...args: string[]): Promise<string> {
  const { stdout } = await execute('docker', args, { maxBuffer: 16 * 1024 * 1024 });
  return stdout.trim();
}

export interface ContainerOptions {
  readonly image: string;
  readonly workers: number;
  /** Fills the model folder, whose `code` is hidden by the handler's. */
  readonly model: (folder: string) => Promise<unknown>;
  /** The handler's files, or a folder that has them. */
  readonly code: string | Readonly<Record<string, string>>;
  /** What the workers shall have come to. */
  readonly state?: WorkerReport['state'];
}

/** A real container with the agent in it, started as a person would with the docker command. */
export class AgentContainer {
  readonly #folder: string;
  readonly name = `smlocal-agent-test-${randomBytes(4).toString('hex')}`;
  #url = '';
  #id = 0;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async start(options: ContainerOptions): Promise<AgentContainer> {
    const { image, workers, model, code, state = 'ready' } = options;
    const container = new AgentContainer(await mkdtemp(join(tmpdir(), 'smlocal-agent-')));
    for (const each of ['model', 'code', 'mailbox']) await mkdir(container.#path(each));
    // The container's user need not be ours.
    await chmod(container.#folder, 0o755);
    await chmod(container.#path('mailbox'), 0o777);
    await model(container.#path('model'));
    await mkdir(container.#path('model/code'), { recursive: true });
    if (typeof code === 'string') await cp(code, container.#path('code'), { recursive: true });
    else await Promise.all(Object.entries(code).map(([path, text]) => container.save(path, text)));
    try {
      await container.#run(image, workers);
      await container.until(() => {
        const there = container.workers().filter((worker) => worker.state === state);
        return there.length === workers;
      });
    } catch (error) {
      const log = await docker('logs', '--tail', '30', container.name).catch(() => '');
      await container.stop();
      throw new Error(`The container did not come up:\n${log}`, { cause: error });
    }
    return container;
  }

  async #run(image: string, workers: number): Promise<void> {
    const mount = (source: string, target: string) => ['-v', `${source}:${target}`];
    await docker(
      ...['run', '-d', '--name', this.name, '-p', '127.0.0.1::8080'],
      ...mount(this.#path('model'), '/opt/ml/model:ro'),
      ...mount(this.#path('code'), '/opt/ml/model/code:ro'),
      ...mount(`${ROOT}src/python`, '/opt/smlocal/agent:ro'),
      ...mount(this.#path('mailbox'), '/opt/smlocal/mailbox'),
      ...['-e', 'PYTHONPATH=/opt/smlocal/agent', '-e', 'SMLOCAL_MAILBOX=/opt/smlocal/mailbox'],
      ...['-e', 'SAGEMAKER_PROGRAM=inference.py'],
      ...['-e', 'SAGEMAKER_SUBMIT_DIRECTORY=/opt/ml/model/code'],
      ...['-e', `SAGEMAKER_MODEL_SERVER_WORKERS=${workers}`, image, 'serve'],
    );
    this.#url = `http://${(await docker('port', this.name, '8080/tcp')).split('\n')[0]}/invocations`;
  }

  async stop(): Promise<void> {
    await docker('rm', '-f', this.name);
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Waits, for as long as a model may take to load. */
  until(condition: () => unknown): Promise<void> {
    return vi.waitFor(
      () => {
        if (!condition()) throw new Error('The workers have not come so far.');
      },
      { timeout: 60_000, interval: 2 },
    );
  }

  #path(path: string): string {
    return join(this.#folder, path);
  }

  // --- the user

  read(path: string): Promise<string> {
    return readFile(this.#path(`code/${path}`), 'utf8');
  }

  /** As an editor does, by rename. */
  async save(path: string, text: string): Promise<void> {
    const file = this.#path(`code/${path}`);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(`${file}.saving`, text);
    await rename(`${file}.saving`, file);
  }

  async edit(path: string, change: (text: string) => string): Promise<void> {
    const text = await this.read(path);
    const changed = change(text);
    if (changed === text) throw new Error(`${path} was not changed.`);
    await this.save(path, changed);
  }

  remove(path: string): Promise<void> {
    return rm(this.#path(`code/${path}`));
  }

  async invoke(body: unknown): Promise<string> {
    const headers = { 'Content-Type': 'application/json' };
    const answer = await fetch(this.#url, { method: 'POST', headers, body: JSON.stringify(body) });
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(`${answer.status}: ${text}`);
    return text;
  }

  // --- the host

  workers(): WorkerReport[] {
    const names = readdirSync(this.#path('mailbox')).filter((name) => name.endsWith('.json'));
    return names.flatMap((name) => {
      try {
        const report = JSON.parse(readFileSync(this.#path(`mailbox/${name}`), 'utf8'));
        return 'pid' in report ? [report as WorkerReport] : [];
      } catch {
        return []; // Gone meanwhile.
      }
    });
  }

  /** What the agents could not do, in their own words; nothing, where all is well. */
  notes(): string[] {
    return readdirSync(this.#path('mailbox')).filter((name) => name.startsWith('agent-error'));
  }

  async request(paths: readonly string[]): Promise<void> {
    this.#id += 1;
    const file = this.#path('mailbox/request.json');
    await writeFile(`${file}.new`, JSON.stringify({ id: this.#id, paths }));
    await rename(`${file}.new`, file);
  }

  /** Each worker's answer to the last request, and how long the last of them took from the rename on. */
  async answers() {
    const started = performance.now();
    await this.until(() => this.workers().every(({ id }) => id === this.#id));
    const outcomes = this.workers().flatMap(({ outcome }) => outcome ?? []);
    return { outcomes, milliseconds: performance.now() - started };
  }

  async reload(...paths: string[]) {
    await this.request(paths);
    return this.answers();
  }
}
