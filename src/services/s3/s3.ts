import { join } from 'node:path';
import { Scavenger } from '../../hosting/scavenge.js';
import type { Logger } from '../../log.js';
import { Buckets } from './buckets.js';
import { ObjectStore } from './object-store.js';
import { Passthrough, type PassthroughOptions } from './passthrough/passthrough.js';
import { RecordFiles } from './record-files.js';
import type { S3Parts } from './request.js';
import { Staging } from './staging.js';
import { Uploads } from './uploads.js';

/** Which buckets are another S3's, and that S3. */
export type PassedOn = Pick<PassthroughOptions, 'passthrough' | 'remote' | 'maxCacheBytes'>;

/**
 * S3 over a state folder. `s3/BUCKET/KEY` there are the objects, which hosting mounts and the user looks at; all that S3 knows
 * beside the bytes is in `s3-state`, where no key leads.
 */
export function openS3(options: {
  readonly stateDir: string;
  readonly region: string;
  /** Buckets that are not here. */
  readonly passed?: PassedOn;
  readonly log: Logger;
}): S3Parts {
  const { stateDir, region, passed, log } = options;
  const folder = join(stateDir, 's3');
  const state = (name: string) => join(stateDir, 's3-state', name);
  const buckets = new Buckets(folder, state('buckets'));
  const copies = join(stateDir, 's3-remote');
  const scavenger = new Scavenger();
  return {
    buckets,
    objects: new ObjectStore(
      { buckets: folder, aside: state('aside') },
      new RecordFiles(state('objects')),
    ),
    staging: new Staging(state('staging'), scavenger),
    uploads: new Uploads(state('uploads')),
    scavenger,
    defaultRegion: region,
    passthrough:
      passed && new Passthrough({ ...passed, folder: copies, local: buckets, scavenger, log }),
  };
}
