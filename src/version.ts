import { readFileSync } from 'node:fs';

/** The package's version; its manifest lies beside src/ and dist/ alike. */
export const VERSION: string = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
).version;
