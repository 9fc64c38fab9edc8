import { chmodSync, statSync } from 'node:fs';
import { type Logger, pino } from 'pino';

export type { Logger };

const PRIVATE = 0o600;

/** How much is kept for a disk that is full at the moment; what comes after is dropped. */
const KEPT_BYTES = 1024 * 1024;

export interface LogOptions {
  readonly level?: string;
  /** A path; what is logged goes nowhere where there is none. */
  readonly destination?: string;
  /** What each line goes through, so that no secret is in it. */
  readonly mask?: (line: string) => string;
}

/** The daemon's log: JSON lines in a file that its user alone may read. */
export function createLogger({ level = 'info', destination, mask }: LogOptions = {}): Logger {
  if (destination === undefined) return pino({ level: 'silent' });
  const file = pino.destination({
    dest: destination,
    mkdir: true,
    sync: true,
    maxLength: KEPT_BYTES,
    mode: PRIVATE,
  });
  // A log that cannot be written ends nothing. What did not fit is written with the next line that does.
  file.on('error', () => undefined);
  makePrivate(destination);
  return pino({ level, base: null, ...(mask && { hooks: { streamWrite: mask } }) }, file);
}

/** One that an earlier version has made keeps its mode when it is opened. */
function makePrivate(file: string): void {
  try {
    if (statSync(file).isFile()) chmodSync(file, PRIVATE);
  } catch {
    // Not there, for it could not be made; or another user's, which is his to say.
  }
}
