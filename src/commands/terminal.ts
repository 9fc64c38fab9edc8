import type { MultiBar, SingleBar } from 'cli-progress';
import type { Progress } from '../progress.js';

/** Off a terminal, what is slow says so this often. */
const PLAIN_INTERVAL_MS = 2_000;

const MEGABYTE = 1_000_000;

/** What a person watches: lines, and bars for what is slow where the output is a terminal. */
export class Terminal {
  readonly #out: NodeJS.WriteStream;
  readonly #mask: (text: string) => string;
  readonly #bars = new Map<string, SingleBar>();
  readonly #spoke = new Map<string, number>();
  #multi: MultiBar | undefined;

  /** @param mask takes secrets out of what is printed */
  constructor(out: NodeJS.WriteStream, mask: (text: string) => string = (text) => text) {
    this.#out = out;
    this.#mask = mask;
    // Ctrl-C ends `tee` as well in `smlocal up | tee log`: what is under way is brought to its end, with or without a reader.
    out.on('error', () => undefined);
  }

  /** Prints a line, above any bars. */
  line(text: string): void {
    const shown = `${this.#mask(text)}\n`;
    if (this.#multi !== undefined) this.#multi.log(shown);
    else this.#out.write(shown);
  }

  /** Shows how far something has got; `key` tells one slow thing from another. */
  async progress(key: string, progress: Progress): Promise<void> {
    if (!this.#out.isTTY) return this.#plain(key, progress);
    if (progress.total === undefined) return;
    this.#multi ??= await openBars(this.#out);
    const id = `${key} ${progress.activity}`;
    const total = Math.max(1, Math.round(progress.total / MEGABYTE));
    const done = Math.min(total, Math.round((progress.done ?? 0) / MEGABYTE));
    const bar =
      this.#bars.get(id) ?? this.#multi.create(total, done, { activity: progress.activity });
    this.#bars.set(id, bar);
    bar.setTotal(total);
    bar.update(done);
  }

  /** Takes the bars away; lines may follow. */
  clear(): void {
    this.#multi?.stop();
    this.#multi = undefined;
    this.#bars.clear();
    this.#spoke.clear();
  }

  #plain(key: string, { activity, done, total }: Progress): void {
    const now = Date.now();
    if (now - (this.#spoke.get(key) ?? 0) < PLAIN_INTERVAL_MS) return;
    this.#spoke.set(key, now);
    const percent = done !== undefined && total ? ` ${Math.floor((100 * done) / total)} %` : '';
    this.line(`${key}: ${activity}${percent}`);
  }
}

async function openBars(stream: NodeJS.WriteStream): Promise<MultiBar> {
  const { default: progress } = await import('cli-progress');
  return new progress.MultiBar({
    stream,
    format: '  {activity} {bar} {value}/{total} MB',
    clearOnComplete: true,
    hideCursor: true,
  });
}
