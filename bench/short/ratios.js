import * as archives from './sets/archives.js';
import * as control from './sets/control.js';
import * as invoke from './sets/invoke.js';
import * as moto from './sets/moto.js';
import * as start from './sets/start.js';

/**
 * What is measured together, by the names of its ratios.
 * @typedef {{ RATIOS: Readonly<Record<string, 'more' | 'less'>>, NEEDS_TOOLS?: boolean, measure: (bench: { cleanup: import('../lib/cleanup.js').Cleanup, say: (line: string) => void }) => Promise<Record<string, number>> }} RatioSet
 *   cleanup: of this set alone; RATIOS: which is better, more or less of it; NEEDS_TOOLS: whether it needs what scripts/bench-tools installs
 */

/** @type {readonly RatioSet[]} */
export const SETS = [invoke, moto, control, start, archives];
