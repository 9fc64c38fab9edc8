import { watch } from 'chokidar';

/** Editors write a file in several steps. */
const QUIET_MS = 50;

/** Calls `onChange` when a file has been written, however its editor does it. Returns what ends the watch. */
export function watchFile(
  path: string,
  onChange: () => Promise<void>,
  onError: (error: unknown) => void,
): () => Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const watcher = watch(path, { ignoreInitial: true });
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(() => void onChange(), QUIET_MS);
  };
  watcher.on('add', later).on('change', later).on('error', onError);
  return async () => {
    clearTimeout(timer);
    await watcher.close();
  };
}
