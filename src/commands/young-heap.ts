import { setFlagsFromString } from 'node:v8';

/** V8's own, from src/flags/flag-definitions.h. */
const DEFAULT_GROWTH = 2;

/**
 * Keeps V8's young generation as small as it begins, until the returned function is called. Nearly all that is made while
 * modules are loaded stays, for which V8 would let it grow to 32 MB, and a daemon that does little would keep them.
 */
export function keepYoungHeapSmall(): () => void {
  setFlagsFromString('--semi-space-growth-factor=1');
  return () => setFlagsFromString(`--semi-space-growth-factor=${DEFAULT_GROWTH}`);
}
