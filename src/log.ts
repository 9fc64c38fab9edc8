import { type Logger, pino } from 'pino';

export type { Logger };

/** How much is kept for a disk that is full at the moment; what comes after is dropped. */
const KEPT_BYTES = 1024 * 1024;

/** The daemon's log: JSON lines to `destination` (a path), or nothing at all where there is none. */
export function createLogger(options: { level?: string; destination?: string } = {}): Logger {
  const level = options.level ?? 'info';
  if (options.destination === undefined) return pino({ level: 'silent' });
  const file = pino.destination({
    dest: options.destination,
    mkdir: true,
    sync: true,
    maxLength: KEPT_BYTES,
  });
  // A log that cannot be written ends nothing. What did not fit is written with the next line that does.
  file.on('error', () => undefined);
  return pino({ level, base: null }, file);
}
