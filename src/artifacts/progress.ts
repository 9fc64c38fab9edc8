import type { OnProgress } from '../progress.js';

const INTERVAL_MS = 100;

/** Reports bytes of a whole at most ten times a second, and always the last of them. */
export function reportBytes(
  activity: string,
  total: number,
  onProgress: OnProgress,
): (done: number) => void {
  let last = -Infinity;
  return (done) => {
    const now = performance.now();
    if (now - last < INTERVAL_MS && done < total) return;
    last = now;
    onProgress({ activity, done, total });
  };
}
