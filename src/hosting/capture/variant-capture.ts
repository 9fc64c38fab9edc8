import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { CaptureFile } from './capture-file.js';
import type { CaptureSettings } from './capture-settings.js';
import type { Room } from './room.js';
import { type Keeper, Taken } from './taken.js';

/** When a file is written at the latest, after its first request. AWS takes minutes; a developer looks at once. */
const FLUSH_MS = 2_000;

/** A file is written when it has so many bytes of bodies. */
const FILE_BYTES = 16 * 1024 * 1024;

const HOUR_MS = 3_600_000;

/** What a variant's capture needs of those that it is one of. */
export interface Capturing {
  readonly room: Room;
  /** A new file; the caller says when it has all of it. */
  begin(variant: VariantCapture): CaptureFile;
  /** Has a file written, and made an object of this name. */
  finish(variant: VariantCapture, file: CaptureFile, name: string): void;
  skipped(endpointName: string): void;
}

/** What is captured of one variant, by one deployment's settings: the requests that are drawn go into a file, which becomes an object. */
export class VariantCapture implements Keeper {
  #file: CaptureFile | undefined;
  #name = '';
  #until = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    readonly endpointName: string,
    readonly variantName: string,
    readonly settings: CaptureSettings,
    private readonly capturing: Capturing,
  ) {}

  get room(): Room {
    return this.capturing.room;
  }

  /** Draws whether a request is captured. @param headers the client's */
  take(headers: IncomingHttpHeaders): Taken | undefined {
    if (Math.random() * 100 >= this.settings.percentage) return undefined;
    return new Taken(this, headers);
  }

  keep(taken: Taken): void {
    const now = Date.now();
    if (now >= this.#until) this.flush(); // It is of the hour before.
    const file = this.#file ?? this.#begin(now);
    file.add(taken, now);
    if (file.bytes >= FILE_BYTES) this.flush();
  }

  skip(): void {
    this.capturing.skipped(this.endpointName);
  }

  /** Has what there is written now. */
  flush(): void {
    const file = this.#file;
    if (file === undefined) return;
    this.#file = undefined;
    clearTimeout(this.#timer);
    this.capturing.finish(this, file, this.#name);
  }

  #begin(now: number): CaptureFile {
    const file = this.capturing.begin(this);
    this.#file = file;
    this.#name = nameAt(now, this);
    this.#until = now - (now % HOUR_MS) + HOUR_MS;
    this.#timer = setTimeout(() => this.flush(), FLUSH_MS).unref();
    return file;
  }
}

/** `ENDPOINT/VARIANT/YYYY/MM/DD/HH/MM-SS-mmm-UUID.jsonl`, in UTC. */
function nameAt(now: number, { endpointName, variantName }: VariantCapture): string {
  const [date = '', time = ''] = new Date(now).toISOString().slice(0, -1).split('T');
  const [hour, ...rest] = time.split(/[:.]/);
  const folder = [endpointName, variantName, ...date.split('-'), hour].join('/');
  return `${folder}/${rest.join('-')}-${randomUUID()}.jsonl`;
}
