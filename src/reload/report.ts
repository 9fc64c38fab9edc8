import { type Change, nameChanges } from './changes.js';
import type { Tier } from './reload-plan.js';

/** How a reload ended. */
export interface ReloadReport {
  readonly endpointName: string;
  readonly changes: readonly Change[];
  readonly tier: Tier;
  /** Why this tier. */
  readonly cause: string;
  readonly milliseconds: number;
  /** What came of it, in words: `input_fn changed, model kept`. */
  readonly detail: string;
  /** Why the new code was not taken; what served before goes on. */
  readonly failure?: string;
}

/** Each tier as the end of `reloaded …`. */
export const TIERS: Readonly<Record<Tier, string>> = {
  'in-place': 'in place',
  workers: 'by new workers',
  replace: 'by a new container',
};

/** A report as the terminal shows it. */
export function describeReport(report: ReloadReport): string {
  const { changes, tier, milliseconds, detail, failure } = report;
  const what = changes.length === 0 ? 'everything' : nameChanges(changes);
  if (failure !== undefined) {
    return `not reloaded: ${what}; what served before goes on\n${indent(failure)}`;
  }
  return `reloaded ${TIERS[tier]} in ${Math.round(milliseconds)} ms: ${what} (${detail})`;
}

function indent(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
}
