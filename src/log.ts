import { type Logger, pino } from 'pino';

export type { Logger };

/** The daemon's log: JSON lines to `destination` (a path), or nothing at all where there is none. */
export function createLogger(options: { level?: string; destination?: string } = {}): Logger {
  const level = options.level ?? 'info';
  if (options.destination === undefined) return pino({ level: 'silent' });
  return pino(
    { level, base: null },
    pino.destination({ dest: options.destination, mkdir: true, sync: true }),
  );
}
