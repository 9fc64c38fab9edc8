import { createHash } from 'node:crypto';
import type { ModelData } from '../../artifacts/model-data.js';

/** A part of a target's path that stands for no file of that name. */
const NO_FILE = ['', '.', '..'];

/**
 * The archive that a target names: its path below the model's prefix (developer guide, "Invoke a Multi-Model Endpoint").
 * @returns undefined where the target leads out of the prefix, or names no file
 */
export function archiveOf(prefix: string, target: string): ModelData | undefined {
  const parts = target.replace(/^\//, '').split('/');
  if (parts.some((part) => NO_FILE.includes(part) || part.includes('\0'))) return undefined;
  // What is a plain key in S3 has to be escaped in a file's URI.
  const below = prefix.startsWith('file:') ? parts.map(encodeURIComponent) : parts;
  return { uri: [prefix.replace(/\/+$/, ''), ...below].join('/'), compression: 'Gzip' };
}

/** The name by which the container knows a model: opaque, and another where the archive is another. */
export function modelId(target: string, version: string): string {
  return createHash('sha256')
    .update(JSON.stringify([target, version]))
    .digest('hex')
    .slice(0, 32);
}
