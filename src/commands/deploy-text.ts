import type { ModelPackage } from '../artifacts/package.js';
import type { Plan, Step } from '../deploy/plan.js';
import type { Target } from '../deploy/target.js';

/** Where a deploy goes, and as whom: what a person has to have seen. */
export function describeTarget(target: Target): string {
  const { environment, region, identity, endpoint, isLocal } = target;
  const where = isLocal ? `smlocal at ${endpoint}` : `account ${identity.accountId}`;
  const via = !isLocal && endpoint !== undefined ? ` through ${endpoint}` : '';
  const who = isLocal ? '' : `, as ${identity.arn}`;
  return `Deploying to ${environment}: ${where}${via}, ${region}${who}`;
}

export function describePackage({
  file,
  digest,
  bytes,
  built,
  files,
  leftOut,
}: ModelPackage): string {
  const how = files === undefined ? 'as it is' : built ? `packed from ${files} files` : 'unchanged';
  const without = leftOut.length === 0 ? '' : `; left out: ${shortened(leftOut)}`;
  return `  package ${digest.slice(0, 12)}, ${(bytes / 1e6).toFixed(1)} MB, ${how}: ${file}${without}`;
}

const MOST_NAMES = 5;

function shortened(names: readonly string[]): string {
  const more = names.length - MOST_NAMES;
  return `${names.slice(0, MOST_NAMES).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** Each call that is to be made, and why; and what is right already. */
export function describePlan({ steps, right }: Plan): string {
  const lines = [
    ...right.map((text) => `  = ${text}`),
    ...steps.map((step) => `  ${signOf(step)} ${describeStep(step)}: ${step.why}`),
  ];
  return steps.length === 0 ? `${lines.join('\n')}\n  nothing to do` : lines.join('\n');
}

export function describeStep({ call, subject }: Step): string {
  return `${call} ${subject}`;
}

function signOf({ kind }: Step): string {
  if (kind.startsWith('delete') || kind.startsWith('drop')) return '-';
  return kind.startsWith('wait') ? '…' : '+';
}
