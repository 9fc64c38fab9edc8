/** Off a terminal, a state that stays the same is said this often, so that a CI job does not look dead. */
const PLAIN_INTERVAL_MS = 60_000;

/** One line that changes while something is waited for, with the time that it has taken; plain lines off a terminal. */
export class LiveLine {
  readonly #out: NodeJS.WriteStream;
  readonly #from = performance.now();
  #said: string | undefined;
  #saidAt = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
  }

  show(text: string): void {
    const changed = text !== this.#said;
    this.#said = text;
    if (this.#out.isTTY) {
      this.#draw();
      this.#timer ??= setInterval(() => this.#draw(), 1000).unref();
      return;
    }
    const now = performance.now();
    if (!changed && now - this.#saidAt < PLAIN_INTERVAL_MS) return;
    this.#saidAt = now;
    this.#out.write(`  ${text}, ${this.elapsed}\n`);
  }

  /** For example `4 s`, or `3 min 20 s`. */
  get elapsed(): string {
    const seconds = Math.round((performance.now() - this.#from) / 1000);
    return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  }

  /** Takes the line away; others may follow. */
  end(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    if (this.#out.isTTY && this.#said !== undefined) this.#out.write('\r\u001B[K');
    this.#said = undefined;
  }

  #draw(): void {
    this.#out.write(`\r\u001B[K  ${this.#said}, ${this.elapsed}`);
  }
}
