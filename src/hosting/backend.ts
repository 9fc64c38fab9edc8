import { Pool } from 'undici';
import type { Address } from '../containers/engine.js';
import type { LoadedModels } from './multi-model/loaded-models.js';
import { Scavenger } from './scavenge.js';

/** Below the 2 s after which gunicorn, the quickest to do so, closes an idle connection: we never send on a dying one. */
const KEEP_ALIVE_MS = 1_000;

/** SageMaker's containers must accept a connection within 250 ms; docker's proxy accepts for them, so be generous. */
const CONNECT_TIMEOUT_MS = 5_000;

/** One ready container: its connections, and how many invocations it is answering. */
export class Backend {
  readonly #origin: string;
  #pool: Pool;
  readonly scavenger = new Scavenger();
  /** What it has loaded, where it is one for several models. */
  models: LoadedModels | undefined;
  #outstanding = 0;
  #whenIdle: (() => void)[] = [];

  constructor(
    readonly containerId: string,
    address: Address,
  ) {
    this.#origin = `http://${address.host}:${address.port}`;
    this.#pool = connectTo(this.#origin);
  }

  /** The connections that the next invocation may take. */
  get pool(): Pool {
    return this.#pool;
  }

  /** Has invocations from now on use new connections; those in flight end on theirs. */
  reconnect(): void {
    // Fails only where it was closed already.
    void this.#pool.close().catch(() => {});
    this.#pool = connectTo(this.#origin);
  }

  get outstanding(): number {
    return this.#outstanding;
  }

  /** Counts an invocation in; call {@link leave} exactly once when it has ended, however it ended. */
  enter(): void {
    this.#outstanding += 1;
  }

  leave(): void {
    this.#outstanding -= 1;
    if (this.#outstanding > 0) return;
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }

  /** Resolves when no invocation is in flight, or when `signal` aborts. */
  drained(signal: AbortSignal): Promise<void> {
    if (this.#outstanding === 0 || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      this.#whenIdle.push(resolve);
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  /** Ends its connections; invocations in flight fail. */
  close(): Promise<void> {
    return this.#pool.destroy();
  }
}

function connectTo(origin: string): Pool {
  return new Pool(origin, {
    keepAliveTimeout: KEEP_ALIVE_MS,
    connect: { timeout: CONNECT_TIMEOUT_MS },
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}
