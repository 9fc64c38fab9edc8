import type { Address, ExitStatus } from './engine.js';
import { ping } from './ping.js';

export type Readiness =
  | { readonly ready: true }
  | { readonly ready: false; readonly cause: 'exited'; readonly status: ExitStatus }
  /** `lastAnswer` in words: `HTTP 503`, `the connection was refused`, `no answer`. */
  | { readonly ready: false; readonly cause: 'timed-out'; readonly lastAnswer: string };

export interface ReadinessOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** Settles when the container ends; where it rejects, so does the waiting. */
  readonly exited: Promise<ExitStatus>;
}

/**
 * Pings until the first 200. SageMaker pings every 5 s; we ask every 25 ms, because each of those waits would be the
 * user's. Rejects only when the signal aborts or `exited` rejects; nothing of it outlives the promise.
 */
export async function waitUntilReady(
  address: Address,
  { timeoutMs, signal, exited }: ReadinessOptions,
): Promise<Readiness> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = withResolvers<Readiness>();
  const abort = () => reject(signal?.reason);
  const probe = new Probe(address, () => resolve({ ready: true }));
  const timer = setTimeout(() => {
    resolve({ ready: false, cause: 'timed-out', lastAnswer: probe.lastAnswer });
  }, timeoutMs);
  signal?.addEventListener('abort', abort, { once: true });
  exited.then((status) => resolve({ ready: false, cause: 'exited', status }), reject);
  // Port 0 stands for a container that ended before its port was known; `exited` is about to tell.
  if (address.port !== 0) probe.next();
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
    probe.stop();
  }
}

/** Promise.withResolvers, which Node 20 does not have yet. */
function withResolvers<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (reason: unknown) => void = () => {};
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

const INTERVAL_MS = 25;
/** While a server is loading, each ping is work or a line in its log: after 4 s the interval grows with the wait. */
const GROWTH = 1 / 160;
const LONGEST_INTERVAL_MS = 250;
/** SageMaker's own limit for one ping. */
const LONGEST_PING_MS = 2_000;

/**
 * Asks again at each interval, whether or not earlier pings were answered: something between us (docker-proxy, a listen
 * backlog) may take a connection that nobody will ever serve. How long each ping may hang follows the ruler sequence —
 * every second one 2 intervals, every fourth 4, every eighth 8, … up to 2 s. So there is always a fresh one, slow
 * answers have patient ones waiting, and no more than about eight are open at a time, one of each length.
 */
class Probe {
  lastAnswer = 'no answer';
  readonly #address: Address;
  readonly #onReady: () => void;
  readonly #open = new Set<() => void>();
  #count = 0;
  #timer: NodeJS.Timeout | undefined;
  /** When the server first took a connection and gave no good answer; refused connections cost it nothing. */
  #busySince: number | undefined;

  constructor(address: Address, onReady: () => void) {
    this.#address = address;
    this.#onReady = onReady;
  }

  next(): void {
    const interval = this.#interval();
    this.#timer = setTimeout(() => this.next(), interval);
    const close = ping(this.#address, pingLifetime(this.#count++, interval), {
      onStatus: (status) => {
        this.#open.delete(close);
        if (status === 200) this.#onReady();
        else this.#notReady(`HTTP ${status}`, true);
      },
      onFailure: (reason, hung) => {
        this.#open.delete(close);
        this.#notReady(reason, hung);
      },
    });
    this.#open.add(close);
  }

  stop(): void {
    clearTimeout(this.#timer);
    for (const close of this.#open) close();
    this.#open.clear();
  }

  #notReady(answer: string, cost: boolean): void {
    this.lastAnswer = answer;
    if (cost) this.#busySince ??= performance.now();
  }

  #interval(): number {
    const busy = performance.now() - (this.#busySince ?? performance.now());
    return Math.min(Math.max(INTERVAL_MS, busy * GROWTH), LONGEST_INTERVAL_MS);
  }
}

/** The lifetime of ping number `count`: 2 intervals times the largest power of two that divides the number. */
export function pingLifetime(count: number, interval: number): number {
  const divisor = count & -count;
  return count === 0 ? LONGEST_PING_MS : Math.min(2 * interval * divisor, LONGEST_PING_MS);
}
