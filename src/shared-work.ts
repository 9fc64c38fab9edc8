import type { OnProgress } from './progress.js';

interface Job<T> {
  readonly result: Promise<T>;
  readonly controller: AbortController;
  readonly listeners: Set<OnProgress>;
  waiters: number;
}

export interface CallerOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
}

type Work<T> = (signal: AbortSignal, onProgress: OnProgress) => Promise<T>;

/**
 * Work that callers with the same key share. One who aborts leaves the others waiting; when the last has gone the work
 * itself is aborted, and that last caller's promise is rejected only after the work has cleaned up.
 */
export class SharedWork<T> {
  readonly #jobs = new Map<string, Job<T>>();

  async run(key: string, caller: CallerOptions, work: Work<T>): Promise<T> {
    caller.signal?.throwIfAborted();
    const job = this.#jobs.get(key) ?? this.#start(key, work);
    // A listener of its own for each caller: two may pass the same function.
    const listener: OnProgress = (progress) => caller.onProgress?.(progress);
    job.waiters += 1;
    job.listeners.add(listener);
    try {
      return await this.#wait(key, job, caller.signal);
    } finally {
      job.waiters -= 1;
      job.listeners.delete(listener);
    }
  }

  #start(key: string, work: Work<T>): Job<T> {
    const controller = new AbortController();
    const listeners = new Set<OnProgress>();
    const result = work(controller.signal, (progress) => {
      for (const listener of listeners) listener(progress);
    }).finally(() => this.#forget(key, job));
    const job: Job<T> = { result, controller, listeners, waiters: 0 };
    this.#jobs.set(key, job);
    return job;
  }

  async #wait(key: string, job: Job<T>, signal: AbortSignal | undefined): Promise<T> {
    if (!signal) return job.result;
    const { promise: aborted, reject } = withRejection();
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await Promise.race([job.result, aborted]);
    } catch (error) {
      if (signal.aborted && job.waiters === 1) await this.#abandon(key, job, signal.reason);
      throw error;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  async #abandon(key: string, job: Job<T>, reason: unknown): Promise<void> {
    this.#forget(key, job);
    job.controller.abort(reason);
    await job.result.catch(() => undefined);
  }

  /** A new caller must not join work that is ending. */
  #forget(key: string, job: Job<T>): void {
    if (this.#jobs.get(key) === job) this.#jobs.delete(key);
  }
}

function withRejection(): { promise: Promise<never>; reject: (reason: unknown) => void } {
  let reject: (reason: unknown) => void = () => undefined;
  const promise = new Promise<never>((_, no) => {
    reject = no;
  });
  return { promise, reject };
}
