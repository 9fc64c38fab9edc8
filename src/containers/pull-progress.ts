import type { Progress } from '../progress.js';

/** One line of the engine's report on a pull. */
export interface PullEvent {
  readonly id?: string;
  readonly status?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  readonly error?: string;
  readonly errorDetail?: { readonly message?: string };
}

interface Bytes {
  done: number;
  total: number;
}

/** Adds up the layers of a pull: first the bytes that come over the wire, then those that are unpacked. */
export class PullProgress {
  readonly #image: string;
  readonly #downloads = new Map<string, Bytes>();
  readonly #extractions = new Map<string, Bytes>();
  readonly #awaited = new Set<string>();

  constructor(image: string) {
    this.#image = image;
  }

  add({ id, status, progressDetail }: PullEvent): Progress {
    if (id !== undefined && status !== undefined) this.#note(id, status, progressDetail ?? {});
    const unpacking = this.#awaited.size === 0 && this.#extractions.size > 0;
    const sum = sumOf(unpacking ? this.#extractions : this.#downloads);
    const activity = `${unpacking ? 'unpacking' : 'pulling'} ${this.#image}`;
    return sum.total > 0 ? { activity, ...sum } : { activity };
  }

  #note(id: string, status: string, { current, total }: { current?: number; total?: number }) {
    const bytes = current !== undefined && total ? { done: current, total } : undefined;
    if (status === 'Pulling fs layer') this.#awaited.add(id);
    if (status === 'Downloading' && bytes) this.#downloads.set(id, bytes);
    if (status === 'Extracting' && bytes) this.#extractions.set(id, bytes);
    if (status === 'Download complete' || status === 'Pull complete') {
      this.#awaited.delete(id);
      complete(this.#downloads.get(id));
    }
    if (status === 'Pull complete') complete(this.#extractions.get(id));
  }
}

function complete(bytes: Bytes | undefined): void {
  if (bytes !== undefined) bytes.done = bytes.total;
}

function sumOf(layers: ReadonlyMap<string, Bytes>): Bytes {
  const sum = { done: 0, total: 0 };
  for (const { done, total } of layers.values()) {
    sum.done += done;
    sum.total += total;
  }
  return sum;
}
