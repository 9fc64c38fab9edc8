import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** @typedef {import('../lib/daemon.js').BenchDaemon} BenchDaemon */

/** What goes into an endpoint's block for all of its requests to be captured. */
export const CAPTURE =
  'data_capture: { destination_s3_uri: "s3://bench/captured", sampling_percentage: 100 }';

/** Longer than a file is waited for. */
const QUIET_MS = 5_000;

const LINE_END = 10;

/** @param {BenchDaemon} daemon */
const bucketOf = ({ folder }) => join(folder, '.smlocal/s3/bench');

/** A bucket is a folder. @param {BenchDaemon} daemon */
export async function makeBucket(daemon) {
  await mkdir(bucketOf(daemon), { recursive: true });
}

/**
 * Counts the requests that have been captured, when the last of them are written.
 * @param {BenchDaemon} daemon
 * @returns {Promise<number>}
 */
export async function countCaptured(daemon) {
  await delay(QUIET_MS);
  const bucket = bucketOf(daemon);
  let lines = 0;
  for (const name of await readdir(bucket, { recursive: true })) {
    if (!name.endsWith('.jsonl')) continue;
    for (const byte of await readFile(join(bucket, name))) if (byte === LINE_END) lines += 1;
  }
  return lines;
}
