import { expect, test } from 'vitest';
import { loadContract } from '../../../src/contract/contract.js';
import { useServed } from '../../support/served.js';
import { type BoundaryCase, boundaries, type Members } from './boundaries.js';

const contract = loadContract('sagemaker-runtime');
const served = useServed({ answer: (_request, response) => response.end('answer') });

const SERVED = ['InvokeEndpoint', 'InvokeEndpointWithResponseStream'];

/** What an input that keeps to the model may still be refused for: no such endpoint or variant, or a feature it has not. */
const BEYOND_THE_MODEL = [
  /^Endpoint .+ of account .+ not found\.$/,
  /^Variant .+ not found for endpoint e\.$/,
  /^Endpoint e is not a multi-(model|container) endpoint/,
  /^Inference Component Name header is not allowed/,
];

/** Whether HTTP can carry the case: a text, in a path not empty, in a header of visible Latin-1. */
function isSendable({ operation, top, input }: BoundaryCase): boolean {
  const value = input[top];
  if (typeof value !== 'string') return false;
  const { location } = contract.structureOf(operation, 'input')?.members[top] ?? {};
  if (location === 'uri') return value !== '';
  return /^[\x21-\x7e\xa0-\xff]([\x20-\x7e\xa0-\xff]*[\x21-\x7e\xa0-\xff])?$/.test(value);
}

function send(operation: string, input: Members): Promise<Response> {
  const uri = contract.operation(operation)?.http.requestUri ?? '';
  const members = contract.structureOf(operation, 'input')?.members ?? {};
  const headers = Object.entries(members).flatMap(([name, { location, locationName }]) =>
    location === 'header' && input[name] !== undefined
      ? [[locationName ?? name, String(input[name])] as [string, string]]
      : [],
  );
  const path = uri.replace('{EndpointName}', encodeURIComponent(String(input.EndpointName)));
  return fetch(served.url + path, { method: 'POST', body: 'x', headers });
}

const CASES = SERVED.flatMap((operation) => [
  ...boundaries({ contract, overrides: {}, operation, base: { EndpointName: 'e' } }),
]).filter((one) => one.side !== 'wrong type' && isSendable(one));

test('Headers and names at the edge of a constraint are answered as the model says', async () => {
  const counts: Record<string, number> = {};
  for (const { operation, input, path, side, constraint } of CASES) {
    const response = await send(operation, input);
    const { status } = response;
    const type = response.headers.get('x-amzn-errortype');
    const answer = await response.text();
    const message = status === 200 ? '' : String(JSON.parse(answer).Message);
    const what = `${operation} ${path} ${side}: ${JSON.stringify(input)}`;
    counts[`${side}: ${status}`] = (counts[`${side}: ${status}`] ?? 0) + 1;
    if (side === 'outside') {
      expect({ what, status, type }).toEqual({ what, status: 400, type: 'ValidationError' });
      expect(message, what).toContain(`at '${path}' failed to satisfy constraint: ${constraint}`);
    } else if (status !== 200) {
      expect({ what, status, type }).toEqual({ what, status: 400, type: 'ValidationError' });
      expect(
        BEYOND_THE_MODEL.some((known) => known.test(message)),
        `${what} ${message}`,
      ).toBe(true);
    }
  }
  process.stdout.write(`${CASES.length} generated invocations: ${JSON.stringify(counts)}\n`);
  expect(counts['outside: 400']).toBeGreaterThan(20);
  expect(counts['inside: 200']).toBeGreaterThan(10);
});
