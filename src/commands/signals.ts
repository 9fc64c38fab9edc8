import type { Daemon } from '../daemon/daemon.js';
import type { Terminal } from './terminal.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A forced stop that the engine does not answer is given up after this. */
const FORCED_MS = 10_000;

export interface Interruption {
  /** Resolves when the daemon has stopped, or was forced to and could not; tells whether it was forced. */
  readonly ended: Promise<'stopped' | 'forced'>;
  /** Lets signals do again what they do by themselves. */
  dispose(): void;
}

/** Ctrl-C and SIGTERM stop the daemon cleanly; a second one kills its containers. */
export function stopOnSignals(daemon: Daemon, terminal: Terminal): Interruption {
  const forced = new AbortController();
  const onSignal = () => {
    if (daemon.ending.aborted) {
      forced.abort();
      void daemon.stop({ force: true });
      return;
    }
    terminal.clear();
    terminal.line('Stopping (containers have 30 s to end; Ctrl-C again kills them) …');
    void daemon.stop({ force: false });
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  const givenUp = new Promise<void>((resolve) => {
    const later = () => setTimeout(resolve, FORCED_MS).unref();
    forced.signal.addEventListener('abort', later, { once: true });
  });
  const ended = Promise.race([daemon.stopped, givenUp]).then(() =>
    forced.signal.aborted ? 'forced' : 'stopped',
  );
  return {
    ended,
    dispose: () => {
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}
