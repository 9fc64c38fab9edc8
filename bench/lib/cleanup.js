/** What a measurement has started and must not leave behind, undone in the opposite order. */
export class Cleanup {
  /** @type {(() => Promise<unknown> | unknown)[]} */
  #undo = [];
  /** @type {Promise<void> | undefined} */
  #running;
  #interrupt = () => {};
  /** @type {Promise<never>} */
  #interrupted = new Promise((_, reject) => {
    this.#interrupt = () => reject(Object.assign(new Error('interrupted'), { interrupted: true }));
  });

  constructor() {
    this.#interrupted.catch(() => undefined);
  }

  /**
   * @param {() => Promise<unknown> | unknown} undo run once at most: when the returned function is called, or at the end
   * @returns {() => Promise<void>} undoes it now
   */
  add(undo) {
    this.#undo.push(undo);
    return async () => {
      const index = this.#undo.indexOf(undo);
      if (index === -1) return;
      this.#undo.splice(index, 1);
      await undo();
    };
  }

  /** Ctrl-C and SIGTERM end the measurement; what it started is then undone. A second one ends the process. */
  onSignals() {
    let count = 0;
    for (const signal of ['SIGINT', 'SIGTERM']) {
      process.on(signal, () => {
        count += 1;
        if (count > 1) process.exit(130);
        this.#interrupt();
      });
    }
  }

  /**
   * @template T
   * @param {Promise<T>} work
   * @returns {Promise<T>}
   */
  orInterrupted(work) {
    return Promise.race([work, this.#interrupted]);
  }

  /** Undoes everything; what cannot be undone is said, and the rest goes on. */
  run() {
    this.#running ??= this.#run();
    return this.#running;
  }

  async #run() {
    while (this.#undo.length > 0) {
      try {
        await this.#undo.pop()?.();
      } catch (error) {
        console.error('A thing that the benchmark started could not be undone:', error);
      }
    }
  }
}
