import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** How often the answers are looked for while they are waited for. */
const POLL_MS = 5;

/** What a worker did with a request. */
export interface WorkerOutcome {
  readonly kind: 'reloaded' | 'unchanged' | 'failed' | 'cannot';
  readonly changed: readonly string[];
  /** Those of the toolkit's hooks that are different now. */
  readonly functions: readonly string[];
  readonly model: 'kept' | 'loaded' | 'none';
  readonly traceback?: string;
  readonly reason?: string;
}

/** What the agent in a worker says of it; see src/python. */
export interface WorkerReport {
  readonly pid: number;
  /** The last request that it has handled. */
  readonly id: number;
  readonly state: 'starting' | 'ready' | 'reloading' | 'failed';
  /** `toolkit` workers can be reloaded in place; a `plain` process only says what it has imported. */
  readonly kind?: 'toolkit' | 'plain';
  readonly modules: Readonly<Record<string, { readonly file: string; readonly digest: string }>>;
  readonly outcome: WorkerOutcome | null;
}

/** The folder through which smlocal and the agents of one container talk: one request file, one file a worker. */
export class Mailbox {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Makes the folder, empty, lest a container that ended be heard of; the user of the new one, whoever it is, may write to it.
   */
  async create(): Promise<void> {
    await this.remove();
    mkdirSync(this.#folder, { recursive: true });
    await chmod(this.#folder, 0o777);
  }

  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** What every worker said last. */
  workers(): WorkerReport[] {
    return this.#names()
      .filter((name) => /^worker-\d+\.json$/.test(name))
      .flatMap((name) => this.#read<WorkerReport>(name) ?? []);
  }

  /** Asks every worker to reload. @returns the request's number */
  async request(paths: readonly string[]): Promise<number> {
    const id = (this.#read<{ id: number }>('request.json')?.id ?? 0) + 1;
    const file = join(this.#folder, 'request.json');
    await writeFile(`${file}.new`, JSON.stringify({ id, paths }), { mode: 0o644 });
    await rename(`${file}.new`, file);
    return id;
  }

  /**
   * Waits until every worker has handled a request; a worker that is gone takes its file with it.
   * @returns their reports, or undefined where some have not answered in time
   */
  async answers(id: number, signal: AbortSignal): Promise<WorkerReport[] | undefined> {
    while (!signal.aborted) {
      const workers = this.workers().filter(({ kind }) => kind !== 'plain');
      if (workers.length > 0 && workers.every((worker) => worker.id >= id)) return workers;
      await delay(POLL_MS);
    }
    return undefined;
  }

  #names(): string[] {
    try {
      return readdirSync(this.#folder);
    } catch {
      return []; // A container without a mailbox: nothing is known of its workers.
    }
  }

  #read<T>(name: string): T | undefined {
    try {
      return JSON.parse(readFileSync(join(this.#folder, name), 'utf8')) as T;
    } catch {
      return undefined; // Its worker has gone meanwhile, or never came.
    }
  }
}
