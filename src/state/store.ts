import { mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { messageOf } from '../errors.js';
import type { Logger } from '../log.js';

/**
 * A set of records, each under a key. Reads are from memory. A write is seen by the next read at once, so that a check
 * followed by a write in one turn cannot be raced; the promise resolves when the record is on disk.
 */
export interface Collection<T> {
  get(key: string): T | undefined;
  values(): T[];
  /** @throws whatever the file system throws; the record is then as it was before. */
  put(key: string, record: T): Promise<void>;
  delete(key: string): Promise<void>;
}

/**
 * Opens the records kept in `directory`, one JSON file each. A file that cannot be read as JSON is set aside as
 * `NAME.damaged` with a warning, and the rest loads.
 */
export function openCollection<T>(directory: string, log: Logger): Collection<T> {
  mkdirSync(directory, { recursive: true });
  const records = load<T>(directory, log);
  const fileOf = (key: string) => join(directory, `${encodeURIComponent(key)}.json`);

  /** What is on disk; `records` is ahead of it while a write lasts, and goes back to it where the write fails. */
  const saved = new Map(records);
  const writes = new Map<string, Promise<void>>();

  /** One key's writes are made one after the other. */
  async function commit(
    key: string,
    next: T | undefined,
    write: () => Promise<void>,
  ): Promise<void> {
    setOrDelete(records, key, next);
    const written = (writes.get(key) ?? Promise.resolve()).then(write);
    const settled = written.catch(() => undefined);
    writes.set(key, settled);
    try {
      await written;
      setOrDelete(saved, key, next);
    } catch (error) {
      const untouchedSince = records.get(key) === next;
      if (untouchedSince) setOrDelete(records, key, saved.get(key));
      throw error;
    } finally {
      if (writes.get(key) === settled) writes.delete(key);
    }
  }

  return {
    get: (key) => records.get(key),
    values: () => [...records.values()],
    put: (key, record) => {
      const text = encode(record);
      return commit(key, record, () => writeFileAtomic(fileOf(key), text, { mode: 0o600 }));
    },
    delete: (key) => commit(key, undefined, () => rm(fileOf(key), { force: true })),
  };
}

function setOrDelete<T>(map: Map<string, T>, key: string, value: T | undefined): void {
  if (value === undefined) map.delete(key);
  else map.set(key, value);
}

function load<T>(directory: string, log: Logger): Map<string, T> {
  const records = new Map<string, T>();
  for (const file of readdirSync(directory)) {
    if (!file.endsWith('.json')) continue;
    const path = join(directory, file);
    try {
      records.set(
        decodeURIComponent(file.slice(0, -'.json'.length)),
        decode<T>(readFileSync(path, 'utf8')),
      );
    } catch (error) {
      renameSync(path, `${path}.damaged`);
      log.warn({ path, reason: messageOf(error) }, 'set aside a damaged state file');
    }
  }
  return records;
}

/** Dates are tagged, because a plain string that looks like one may be a user's environment variable. */
function encode(record: unknown): string {
  return JSON.stringify(
    record,
    function (this: Record<string, unknown>, key, value) {
      const original = this[key];
      return original instanceof Date ? { $date: original.toISOString() } : value;
    },
    2,
  );
}

function decode<T>(text: string): T {
  return JSON.parse(text, (_key, value) =>
    typeof value?.$date === 'string' ? new Date(value.$date) : value,
  );
}
