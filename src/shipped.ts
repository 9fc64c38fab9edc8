import { fileURLToPath } from 'node:url';

/**
 * Where something is that comes with smlocal and is no code of its own, such as the Python files. The bundle that
 * scripts/build.js makes has all code in dist/ itself, so this file, in src/ or dist/, is the one that may say what is beside it.
 *
 * @param path from src/, and from dist/ alike
 */
export function shipped(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}
