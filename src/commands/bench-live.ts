import type { Recorder } from '../bench/recorder.js';
import { span, threeDigits, whole } from './bench-units.js';
import { LiveLine } from './live-line.js';

/** Off a terminal a line each second would fill a log. */
const INTERVAL_MS = { terminal: 1000, plain: 15_000 };

/** What a person watches while it is measured: how many are answered, how fast now, and the percentiles so far. */
export class BenchLive {
  readonly #line: LiveLine;
  readonly #timer: NodeJS.Timeout;
  #recorder: Recorder | undefined;
  #label = '';
  #before = { at: performance.now(), answered: 0 };

  constructor(out: NodeJS.WriteStream) {
    this.#line = new LiveLine(out);
    const every = out.isTTY ? INTERVAL_MS.terminal : INTERVAL_MS.plain;
    this.#timer = setInterval(() => this.#tick(), every).unref();
  }

  /** Says what is being done, where nothing is counted. */
  say(text: string): void {
    this.#recorder = undefined;
    this.#line.show(text);
  }

  /** Follows what a recorder takes in. */
  follow(recorder: Recorder, label: string): void {
    this.#recorder = recorder;
    this.#label = label;
    this.#before = { at: performance.now(), answered: recorder.answered };
  }

  end(): void {
    clearInterval(this.#timer);
    this.#line.end();
  }

  #tick(): void {
    const recorder = this.#recorder;
    if (recorder === undefined) return;
    const at = performance.now();
    const { answered, failed } = recorder;
    const now = ((answered - this.#before.answered) * 1000) / (at - this.#before.at);
    this.#before = { at, answered };
    const percentiles = [50, 90, 95, 99].map(
      (percent) => `p${percent} ${span(recorder.percentile(percent))}`,
    );
    const parts = [`${this.#label}: ${whole(answered)} answered`, `${threeDigits(now)} a second`];
    if (answered > 0) parts.push(...percentiles);
    if (failed > 0) parts.push(`${whole(failed)} failed`);
    this.#line.show(parts.join(', '));
  }
}
