import type { ContainerEngine } from '../containers/engine.js';
import type { SmlocalError } from '../errors.js';
import { type EngineWatch, isEngineAway } from '../hosting/engine-away.js';
import type { Logger } from '../log.js';
import { awaitEngine } from './await-engine.js';
import type { DaemonStatus } from './status.js';

/** How long `smlocal status` waits for the engine's word, and for how long it takes the last one. */
const CHECK_LIMIT_MS = 2_000;
const CHECKED_MS = 1_000;

/** Whether the container engine answers, from the moment at which the daemon first needs it. */
export class EngineHealth implements EngineWatch {
  readonly #engine: ContainerEngine;
  readonly #log: Logger;
  #signal: AbortSignal | undefined;
  #onWaiting: (reason: SmlocalError) => void = () => {};
  #status: DaemonStatus['engine'] = { answers: false, description: '' };
  /** Why no engine answers, while none does. */
  #away: SmlocalError | undefined;
  #waiting: Promise<void> | undefined;
  #checkedAt = Number.NEGATIVE_INFINITY;

  constructor(engine: ContainerEngine, log: Logger) {
    this.#engine = engine;
    this.#log = log;
  }

  /** From now on, until the signal aborts, an engine that is lost is waited for. */
  attend(signal: AbortSignal): void {
    this.#signal = signal;
  }

  /**
   * Waits until the engine answers, and attends to it from then on.
   * @param onWaiting told why, each time that waiting begins
   */
  async begin(signal: AbortSignal, onWaiting: (reason: SmlocalError) => void): Promise<void> {
    this.attend(signal);
    this.#onWaiting = onWaiting;
    if (this.#away !== undefined) onWaiting(this.#away);
    await this.#wait();
  }

  lost(reason: SmlocalError): Promise<void> | undefined {
    if (this.#signal === undefined) return undefined;
    this.#noteAway(reason);
    return this.#wait();
  }

  /** The engine in a line, or why none answers; asked anew where the last word is older than a second. */
  async status(): Promise<DaemonStatus['engine']> {
    const known = this.#waiting !== undefined || this.#signal === undefined;
    if (!known && performance.now() - this.#checkedAt > CHECKED_MS) await this.#check();
    return this.#status;
  }

  async #check(): Promise<void> {
    try {
      this.#noteAnswer(await this.#engine.describe(AbortSignal.timeout(CHECK_LIMIT_MS)));
    } catch (error) {
      if (isEngineAway(error)) void this.lost(error)?.catch(() => undefined);
      else this.#status = { answers: false, description: 'The container engine does not answer.' };
    }
  }

  /** One wait, whoever asks for it. */
  #wait(): Promise<void> {
    this.#waiting ??= this.#answer().finally(() => {
      this.#waiting = undefined;
    });
    return this.#waiting;
  }

  async #answer(): Promise<void> {
    const signal = this.#signal ?? AbortSignal.abort();
    const description = await awaitEngine(this.#engine, signal, (reason) => this.#noteAway(reason));
    this.#noteAnswer(description);
  }

  #noteAnswer(description: string): void {
    this.#checkedAt = performance.now();
    this.#status = { answers: true, description };
    if (this.#away !== undefined)
      this.#log.info({ engine: description }, 'the container engine answers');
    this.#away = undefined;
  }

  #noteAway(reason: SmlocalError): void {
    const begins = this.#away === undefined;
    this.#away = reason;
    this.#status = {
      answers: false,
      description: [reason.message, reason.hint].join(' ').trim(),
    };
    if (!begins) return;
    this.#log.warn({ err: reason }, 'waiting for a container engine');
    this.#onWaiting(reason);
  }
}
