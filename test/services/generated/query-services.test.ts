import { expect, test } from 'vitest';
import { loadContract } from '../../../src/contract/contract.js';
import { IAM_OPERATIONS } from '../../../src/services/iam/operations.js';
import { STS_OPERATIONS } from '../../../src/services/sts/operations.js';
import { useControlDaemon } from '../../support/control-daemon.js';
import { type BoundaryCase, boundaries, type Members } from './boundaries.js';
import { sample } from './sample-values.js';

/* STS and IAM, which speak the query protocol, by the same generator: forms in place of JSON. */

const control = useControlDaemon();

const SERVICES = [
  { name: 'sts', version: '2011-06-15', operations: [...STS_OPERATIONS.keys()] },
  { name: 'iam', version: '2010-05-08', operations: [...IAM_OPERATIONS.keys()] },
] as const;

/** An input as a form; undefined where a form cannot say it: an empty list, or an empty structure. */
function formOf(input: Members): Record<string, string> | undefined {
  const form: Record<string, string> = {};
  const put = (path: string, value: unknown): boolean => {
    if (value === undefined || value === null) return true;
    if (typeof value !== 'object') {
      form[path] = String(value);
      return true;
    }
    const list = Array.isArray(value);
    const entries = Object.entries(value).map(([name, one]) => [
      list ? `member.${Number(name) + 1}` : name,
      one,
    ]);
    return entries.length > 0 && entries.every(([name, one]) => put(`${path}.${name}`, one));
  };
  return Object.entries(input).every(([name, value]) => put(name, value)) ? form : undefined;
}

const element = (text: string, name: string) =>
  (new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1] ?? '').replace(
    /&(amp|lt|gt|quot|apos);/g,
    (_, entity: string) => ({ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" })[entity] ?? '',
  );

const OF_THE_MODEL = /^\d+ validation errors? detected: /;

/** What is wrong with an answer; undefined where it is as it must be. What keeps to the model may be refused by another rule. */
function fault({ side, path, constraint }: BoundaryCase, status: number, text: string) {
  const [code, message] = [element(text, 'Code'), element(text, 'Message')];
  if (status >= 500) return `status ${status}`;
  if (side === 'inside') return OF_THE_MODEL.test(message) ? 'inside was refused' : undefined;
  if (code !== 'ValidationError') return `outside was answered by ${code || status}`;
  const words = ` at '${path}' failed to satisfy constraint: ${constraint}`;
  return message.includes(words) ? undefined : 'the member is not named with its constraint';
}

test.each(SERVICES)(
  'Every form at the edge of a constraint of $name’s is answered as its model says',
  async ({ name, version, operations }) => {
    const contract = loadContract(name);
    const overrides = {};
    const all = operations.flatMap((operation) => {
      const shape = contract.operation(operation)?.input?.shape;
      const base = shape === undefined ? {} : (sample(contract, shape, overrides) as Members);
      return [...boundaries({ contract, overrides, operation, base })];
    });
    const faults: string[] = [];
    let sent = 0;
    for (const one of all) {
      const form = one.side === 'wrong type' ? undefined : formOf(one.input);
      if (form === undefined) continue;
      sent += 1;
      const body = new URLSearchParams({ Action: one.operation, Version: version, ...form });
      const answer = await fetch(control.url, { method: 'POST', body });
      const text = await answer.text();
      const what = fault(one, answer.status, text);
      if (what === undefined) continue;
      const shown = JSON.stringify(form).slice(0, 300);
      faults.push(
        `${what}: ${one.operation} ${one.side} ${one.path}: ${shown} → ${text.slice(0, 400)}`,
      );
    }
    process.stdout.write(`${sent} generated forms to ${name}\n`);
    expect(faults.slice(0, 20)).toEqual([]);
    expect(sent).toBeGreaterThan(20);
  },
  60_000,
);
