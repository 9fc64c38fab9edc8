const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface Interruptible {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  dispose(): void;
}

/** Ctrl-C ends what is under way where it is safe; a second one does what Ctrl-C does by itself, at once. */
export function interruptible(onFirst: () => void): Interruptible {
  const controller = new AbortController();
  const dispose = () => {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
  const onSignal = () => {
    dispose();
    onFirst();
    controller.abort();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return { signal: controller.signal, dispose };
}
