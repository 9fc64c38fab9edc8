import type { OnProgress } from '../progress.js';

interface Shared<T> {
  readonly result: Promise<T>;
  readonly controller: AbortController;
  readonly listeners: Set<OnProgress>;
  callers: number;
}

export interface CallerOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
}

type Work<T> = (signal: AbortSignal, onProgress: OnProgress) => Promise<T>;

/** Runs one piece of work for all who ask for the same key meanwhile; it is aborted when the last of them gives up. */
export class SharedWork<T> {
  readonly #running = new Map<string, Shared<T>>();

  async join(key: string, options: CallerOptions, work: Work<T>): Promise<T> {
    options.signal?.throwIfAborted();
    const shared = this.#running.get(key) ?? this.#begin(key, work);
    // A listener of its own for each caller: two may pass the same function.
    const listener: OnProgress = (progress) => options.onProgress?.(progress);
    shared.callers++;
    shared.listeners.add(listener);
    try {
      return await orAborted(shared.result, options.signal);
    } finally {
      shared.listeners.delete(listener);
      if (--shared.callers === 0) this.#end(key, shared);
    }
  }

  #begin(key: string, work: Work<T>): Shared<T> {
    const controller = new AbortController();
    const listeners = new Set<OnProgress>();
    const result = work(controller.signal, (progress) => {
      for (const listener of listeners) listener(progress);
    });
    result.catch(() => {}); // each caller gets the rejection from its own join
    const shared = { result, controller, listeners, callers: 0 };
    this.#running.set(key, shared);
    return shared;
  }

  #end(key: string, shared: Shared<T>): void {
    if (this.#running.get(key) === shared) this.#running.delete(key);
    shared.controller.abort();
  }
}

async function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  let abort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
