import { join } from 'node:path';
import { Scavenger } from '../../hosting/scavenge.js';
import { Buckets } from './buckets.js';
import { ObjectStore } from './object-store.js';
import { RecordFiles } from './record-files.js';
import type { S3Parts } from './request.js';
import { Staging } from './staging.js';
import { Uploads } from './uploads.js';

/**
 * S3 over a state folder. `s3/BUCKET/KEY` there are the objects, which hosting mounts and the user looks at; all that S3 knows
 * beside the bytes is in `s3-state`, where no key leads.
 */
export function openS3({ stateDir, region }: { stateDir: string; region: string }): S3Parts {
  const buckets = join(stateDir, 's3');
  const state = (name: string) => join(stateDir, 's3-state', name);
  const scavenger = new Scavenger();
  return {
    buckets: new Buckets(buckets, state('buckets')),
    objects: new ObjectStore({ buckets, aside: state('aside') }, new RecordFiles(state('objects'))),
    staging: new Staging(state('staging'), scavenger),
    uploads: new Uploads(state('uploads')),
    scavenger,
    defaultRegion: region,
  };
}
