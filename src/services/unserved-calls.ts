/** How often each operation was asked for that SageMaker has and smlocal has not: tells what is missed. */
export class UnservedCalls {
  readonly #counts = new Map<string, number>();

  /** Counts a call in. The name must be one of the service model's, so that no client can fill the memory. */
  add(operationName: string): void {
    this.#counts.set(operationName, (this.#counts.get(operationName) ?? 0) + 1);
  }

  /** By name, the most wanted first. */
  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#counts].sort(([, a], [, b]) => b - a));
  }
}
