import { EventEmitter } from 'node:events';
import { messageOf } from '../errors.js';
import { type Change, distinct, nameChanges } from './changes.js';
import { type ReloadReport, TIERS } from './report.js';
import { type TierParts, takeChanges } from './take-changes.js';

interface ReloadEventMap {
  report: [report: ReloadReport];
  /** Something to tell a person meanwhile. */
  notice: [notice: { endpointName: string; text: string }];
}

export class ReloadEvents extends EventEmitter<ReloadEventMap> {}

export interface ReloaderParts extends TierParts {
  readonly events: ReloadEvents;
}

interface Batch {
  readonly changes: readonly Change[];
  /** By `performance.now()`. */
  readonly since: number;
}

/**
 * One reload an endpoint at a time. What changes meanwhile is the next one's, and what is being brought up for an older
 * change is given up: the newest wins.
 */
export class Reloader {
  readonly #parts: ReloaderParts;
  readonly #signal: AbortSignal;
  readonly #waiting = new Map<string, Batch>();
  /** What was refused: it is on the disk and not yet served, so the next reload is of these too. */
  readonly #refused = new Map<string, readonly Change[]>();
  readonly #running = new Map<string, { done: Promise<void>; superseded: AbortController }>();

  constructor(parts: ReloaderParts, signal: AbortSignal) {
    this.#parts = parts;
    this.#signal = signal;
  }

  /** Takes note of changes and returns at once. None at all mean that a person asked for a reload. */
  changed(endpointName: string, changes: readonly Change[]): void {
    if (this.#signal.aborted) return;
    const before = this.#waiting.get(endpointName);
    this.#waiting.set(endpointName, {
      changes: distinct([...(before?.changes ?? []), ...changes]),
      since: before?.since ?? performance.now(),
    });
    const running = this.#running.get(endpointName);
    if (running === undefined) this.#start(endpointName);
    else if (!running.superseded.signal.aborted) {
      this.#parts.events.emit('notice', {
        endpointName,
        text: `${nameChanges(changes)} changed meanwhile; the newest wins`,
      });
      running.superseded.abort(new Error('a newer change has taken its place'));
    }
  }

  /** Reloads an endpoint because a person asked for it; resolves when that is done. */
  reload(endpointName: string): Promise<ReloadReport> {
    const { events } = this.#parts;
    const ending = this.#signal;
    return new Promise<ReloadReport>((resolve, reject) => {
      ending.throwIfAborted();
      const forget = () => {
        events.off('report', onReport);
        ending.removeEventListener('abort', onEnd);
      };
      const onEnd = () => {
        forget();
        reject(ending.reason);
      };
      const onReport = (found: ReloadReport) => {
        if (found.endpointName !== endpointName) return;
        forget();
        resolve(found);
      };
      events.on('report', onReport);
      ending.addEventListener('abort', onEnd);
      this.changed(endpointName, []);
    });
  }

  /** Resolves when no reload is under way. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) {
      await Promise.all([...this.#running.values()].map(({ done }) => done));
    }
  }

  #start(endpointName: string): void {
    const batch = this.#waiting.get(endpointName);
    if (batch === undefined || this.#signal.aborted) return;
    this.#waiting.delete(endpointName);
    const superseded = new AbortController();
    const done = this.#reload(endpointName, batch, superseded.signal).finally(() => {
      this.#running.delete(endpointName);
      this.#start(endpointName);
    });
    this.#running.set(endpointName, { done, superseded });
  }

  async #reload(endpointName: string, newest: Batch, superseded: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([this.#signal, superseded]);
    const refused = this.#refused.get(endpointName) ?? [];
    const batch = { ...newest, changes: distinct([...newest.changes, ...refused]) };
    try {
      this.#report(await this.#take(endpointName, batch, signal));
    } catch (error) {
      if (this.#signal.aborted) return;
      if (superseded.aborted) this.#again(endpointName, batch);
      else this.#report(failedReport(endpointName, batch, error));
    }
  }

  #report(report: ReloadReport): void {
    const { endpointName, changes, failure } = report;
    if (failure === undefined) this.#refused.delete(endpointName);
    else this.#refused.set(endpointName, changes);
    this.#parts.events.emit('report', report);
  }

  async #take(endpointName: string, batch: Batch, signal: AbortSignal): Promise<ReloadReport> {
    const { changes, since } = batch;
    const { tier, cause, result } = await takeChanges(
      this.#parts,
      endpointName,
      changes,
      signal,
      (cheaper, reason) =>
        this.#parts.events.emit('notice', {
          endpointName,
          text: `not ${TIERS[cheaper]}: ${reason}`,
        }),
    );
    return {
      endpointName,
      changes,
      tier,
      cause,
      milliseconds: performance.now() - since,
      detail: result.kind === 'done' ? result.detail : '',
      failure: result.kind === 'failed' ? result.failure : undefined,
    };
  }

  /** What was given up is taken together with what came after it. */
  #again(endpointName: string, { changes, since }: Batch): void {
    const newer = this.#waiting.get(endpointName)?.changes ?? [];
    this.#waiting.set(endpointName, { changes: distinct([...changes, ...newer]), since });
  }
}

/** A reload that broke down, by a fault of ours or of the engine's. */
function failedReport(
  endpointName: string,
  { changes, since }: Batch,
  error: unknown,
): ReloadReport {
  return {
    endpointName,
    changes,
    tier: 'replace',
    cause: '',
    milliseconds: performance.now() - since,
    detail: '',
    failure: messageOf(error),
  };
}
