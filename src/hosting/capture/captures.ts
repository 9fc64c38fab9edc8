import { setTimeout as after } from 'node:timers/promises';
import type { DataCaptureConfig } from '@aws-sdk/client-sagemaker';
import { messageOf, SmlocalError } from '../../errors.js';
import type { Logger } from '../../log.js';
import type { HostingEvents } from '../events.js';
import { CaptureFile } from './capture-file.js';
import { captureSettings } from './capture-settings.js';
import { CaptureWriter } from './capture-writer.js';
import { LostCaptures } from './lost-captures.js';
import { Room } from './room.js';
import type { WrittenFile } from './slab-message.js';
import { type Capturing, VariantCapture } from './variant-capture.js';

/** How many bytes of bodies may wait to be written, all endpoints' together: the two largest of one request, and some. */
const ROOM_BYTES = 64 * 1024 * 1024;

/** How long a stop waits for what is left to be written; another S3 may be slow. */
const CLOSE_MS = 5_000;

/** Where a captured object is to be. */
export interface CapturedObject {
  /** `s3://BUCKET/PREFIX`, or S3's address of it. */
  readonly destination: string;
  /** What follows the prefix. */
  readonly name: string;
  readonly kmsKey: string | undefined;
}

/** The S3 that captured objects are put into. */
export interface CaptureStore {
  /** A path for a file that is to become an object. */
  newPath(): string;
  /** Makes a file an object; in any case it is gone from its path then. @throws where it cannot be */
  put(object: CapturedObject, file: WrittenFile): Promise<void>;
}

export interface CapturesParts {
  readonly store: CaptureStore;
  readonly events: HostingEvents;
  readonly log: Logger;
}

/** What all endpoints capture, on its way into S3. No invocation waits for it; what of it is lost is counted and told. */
export class Captures implements Capturing {
  readonly room = new Room(ROOM_BYTES);
  readonly #store: CaptureStore;
  readonly #writer = new CaptureWriter(this.room);
  readonly #lost: LostCaptures;
  readonly #filling = new Set<VariantCapture>();
  readonly #delivering = new Set<Promise<void>>();

  constructor({ store, events, log }: CapturesParts) {
    this.#store = store;
    this.#lost = new LostCaptures({ events, log });
    events.on('status', ({ endpointName, status }) => {
      for (const variant of this.#filling)
        if (variant.endpointName === endpointName) variant.flush();
      if (status === 'Deleted') this.#lost.forget(endpointName);
    });
  }

  /** What captures a variant's requests; undefined where none are to be. */
  of(
    endpointName: string,
    variantName: string,
    config: DataCaptureConfig | undefined,
  ): VariantCapture | undefined {
    const settings = captureSettings(config);
    return settings && new VariantCapture(endpointName, variantName, settings, this);
  }

  begin(variant: VariantCapture): CaptureFile {
    this.#filling.add(variant);
    return new CaptureFile(this.#writer, this.#store.newPath(), variant.settings.types);
  }

  finish(variant: VariantCapture, file: CaptureFile, name: string): void {
    this.#filling.delete(variant);
    const delivered = this.#deliver(variant, file, name);
    this.#delivering.add(delivered);
    void delivered.then(() => this.#delivering.delete(delivered));
  }

  skipped(endpointName: string): void {
    this.#lost.add(endpointName, 1, 'Requests come faster than they can be written.');
  }

  /** How much of an endpoint's was lost, and why, in a line; undefined where nothing was. */
  lossOf(endpointName: string): string | undefined {
    return this.#lost.line(endpointName);
  }

  /** Writes what there is, and ends. */
  async close(): Promise<void> {
    for (const variant of this.#filling) variant.flush();
    const late = new AbortController();
    const limit = after(CLOSE_MS, undefined, { signal: late.signal }).catch(() => undefined);
    await Promise.race([Promise.all(this.#delivering), limit]);
    late.abort();
    await this.#writer.close();
  }

  async #deliver(variant: VariantCapture, file: CaptureFile, name: string): Promise<void> {
    const { endpointName, settings } = variant;
    try {
      const written = await file.end();
      await this.#store.put({ ...settings, name }, written);
    } catch (error) {
      this.#lost.add(endpointName, file.requests, reasonOf(error));
    }
  }
}

function reasonOf(error: unknown): string {
  const hint = error instanceof SmlocalError ? error.hint : undefined;
  return [messageOf(error), hint].filter((part) => part !== undefined).join(' ');
}
