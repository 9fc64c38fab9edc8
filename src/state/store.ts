import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../errors.js';
import type { Logger } from '../log.js';
import { openDirectory, removeDurably, writeDurably } from './durable-file.js';

/**
 * A set of records, each under a key. Reads are from memory. A write is seen by the next read at once, so that a check
 * followed by a write in one turn cannot be raced; the promise resolves when the record would be there after a power cut.
 */
export interface Collection<T> {
  get(key: string): T | undefined;
  values(): T[];
  /** @throws whatever the file system throws; the record is then as it was before. */
  put(key: string, record: T): Promise<void>;
  delete(key: string): Promise<void>;
  /** Calls `listener` with each change of what is read, a write that is taken back included. */
  watch(listener: (before: T | undefined, after: T | undefined) => void): void;
}

/** Where records are kept, and how one is known for what it should be. */
export interface CollectionOptions {
  readonly directory: string;
  readonly log: Logger;
  /** Whether what a file holds can be the record of this key. */
  readonly isRecord?: (value: unknown, key: string) => boolean;
}

/** Follows the name of a file that was set aside, and then when that was. */
const DAMAGED = '.damaged-';

/**
 * Opens the records kept in a directory, one JSON file each. A file that holds no such record (cut short, empty, not JSON,
 * of another shape) is set aside as `NAME.damaged-TIME` with a warning, and the rest loads.
 */
export function openCollection<T>(options: CollectionOptions): Collection<T> {
  const { directory, log } = options;
  openDirectory(directory);
  const records = load<T>(options);
  const listeners: ((before: T | undefined, after: T | undefined) => void)[] = [];
  const fileOf = (key: string) => join(directory, fileNameOf(key));

  /** What is on disk; `records` is ahead of it while a write lasts, and goes back to it where the write fails. */
  const saved = new Map(records);
  const writes = new Map<string, Promise<void>>();

  function change(key: string, next: T | undefined): void {
    const before = records.get(key);
    setOrDelete(records, key, next);
    for (const listener of listeners) listener(before, next);
  }

  /** One key's writes are made one after the other. */
  async function commit(
    key: string,
    next: T | undefined,
    write: () => Promise<void>,
  ): Promise<void> {
    change(key, next);
    const written = (writes.get(key) ?? Promise.resolve()).then(write);
    const settled = written.catch(() => undefined);
    writes.set(key, settled);
    try {
      await written;
      setOrDelete(saved, key, next);
    } catch (error) {
      log.warn({ path: fileOf(key), err: error }, 'a record could not be written');
      const untouchedSince = records.get(key) === next;
      if (untouchedSince) change(key, saved.get(key));
      throw error;
    } finally {
      if (writes.get(key) === settled) writes.delete(key);
    }
  }

  return {
    get: (key) => records.get(key),
    values: () => [...records.values()],
    put: (key, record) => {
      const text = encode(isLong(key) ? { $key: key, $record: record } : record);
      return commit(key, record, () => writeDurably(fileOf(key), text));
    },
    delete: (key) => commit(key, undefined, () => removeDurably(fileOf(key))),
    watch: (listener) => void listeners.push(listener),
  };
}

function setOrDelete<T>(map: Map<string, T>, key: string, value: T | undefined): void {
  if (value === undefined) map.delete(key);
  else map.set(key, value);
}

function load<T>({ directory, log, isRecord = () => true }: CollectionOptions): Map<string, T> {
  const records = new Map<string, T>();
  for (const file of readdirSync(directory)) {
    if (!file.endsWith('.json')) continue;
    const path = join(directory, file);
    try {
      const { key, record } = keyed<T>(file, readFileSync(path, 'utf8'));
      if (!isRecord(record, key)) throw new Error('it is not the record that its name says');
      records.set(key, record);
    } catch (error) {
      const aside = `${path}${DAMAGED}${new Date().toISOString().replaceAll(/[-:]/g, '')}`;
      renameSync(path, aside);
      log.warn({ path, aside, reason: messageOf(error) }, 'set aside a damaged state file');
    }
  }
  return records;
}

/** What 255 bytes leave where `.json`, and while it is written `.UUID.partial`, stand behind it. */
const LONGEST_NAME = 205;

/** Whether a key is too long to be the name of a file. */
function isLong(key: string): boolean {
  return encodeURIComponent(key).length > LONGEST_NAME;
}

/** The file of a key: one that is long is told by its hash, and kept with the record. */
function fileNameOf(key: string): string {
  const name = encodeURIComponent(key);
  if (!isLong(key)) return `${name}.json`;
  return `${name.slice(0, 100)}~${createHash('sha256').update(key).digest('hex')}.json`;
}

/** What a file holds, and under which key. @throws where it is no JSON, or its name is none of ours */
function keyed<T>(file: string, text: string): { readonly key: string; readonly record: T } {
  const content = decode<{ $key?: unknown; $record?: T } & T>(text);
  const { $key: key, $record: record } = content ?? {};
  if (typeof key === 'string' && record !== undefined && fileNameOf(key) === file)
    return { key, record };
  return { key: decodeURIComponent(file.slice(0, -'.json'.length)), record: content };
}

/** The records of a directory, for who only looks: what cannot be read is left out, and nothing is changed. */
export function peekCollection<T>(directory: string): T[] {
  return readdirSync(directory)
    .filter((file) => file.endsWith('.json'))
    .flatMap((file) => {
      try {
        return [keyed<T>(file, readFileSync(join(directory, file), 'utf8')).record];
      } catch {
        return [];
      }
    });
}

/** The files of a directory of records that were set aside because they were damaged, at this start or an earlier one. */
export function damagedFiles(directory: string): string[] {
  return readdirSync(directory)
    .filter((name) => name.includes(DAMAGED))
    .map((name) => join(directory, name));
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
  return untagged(JSON.parse(text)) as T;
}

/** As a reviver of JSON.parse would do it, in a third of its time: with thousands of records that is what a start waits for. */
function untagged(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('$date' in value && typeof value.$date === 'string') return new Date(value.$date);
  const fields = value as Record<string, unknown>;
  for (const key of Object.keys(fields)) {
    const field = fields[key];
    if (typeof field === 'object') fields[key] = untagged(field);
  }
  return value;
}
