import { readFileSync } from 'node:fs';
import { shipped } from './shipped.js';

/** The package's version, from its manifest. */
export const VERSION: string = JSON.parse(readFileSync(shipped('../package.json'), 'utf8')).version;
