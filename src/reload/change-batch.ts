/**
 * The paths that have changed since the last batch was taken. What came and went within one batch is left out, for that is
 * how an editor, or `sed -i`, writes another file; that it has gone may be told of long after.
 */
export class ChangeBatch {
  readonly #paths = new Set<string>();
  readonly #born = new Set<string>();
  /** What was left out of a batch, and has not been told of as removed yet. */
  readonly #passed = new Set<string>();

  get isEmpty(): boolean {
    return this.#paths.size === 0;
  }

  added(path: string): void {
    this.#passed.delete(path);
    if (!this.#paths.has(path)) this.#born.add(path);
    this.#paths.add(path);
  }

  changed(path: string): void {
    this.#passed.delete(path);
    this.#paths.add(path);
  }

  removed(path: string): void {
    if (!this.#passed.delete(path)) this.#paths.add(path);
  }

  /** Empties the batch. @param exists whether there is a file at a path now */
  take(exists: (path: string) => boolean): string[] {
    for (const path of this.#born) if (!exists(path)) this.#leaveOut(path);
    const paths = [...this.#paths];
    this.#paths.clear();
    this.#born.clear();
    return paths;
  }

  #leaveOut(path: string): void {
    this.#paths.delete(path);
    this.#passed.add(path);
  }
}
