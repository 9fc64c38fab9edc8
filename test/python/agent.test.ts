import { describe, it } from 'vitest';
import { ROOT } from '../support/fixtures.js';
import { pythonClients } from '../support/python-clients.js';
import { succeed } from '../support/run.js';

const python = `${await pythonClients()}/bin/python`;
const environment = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' };

async function ask<T>(argument: string): Promise<T> {
  const text = await succeed(python, [`${ROOT}test/python/run.py`, argument], { env: environment });
  return JSON.parse(text) as T;
}

const tests = Object.entries(await ask<Record<string, string[]>>('--list'));

/** The reload agent's own tests are in Python, beside this file; here each gets its name and its verdict. */
describe.concurrent.each(tests)('%s.py', (file, titles) => {
  const outcomes = ask<Record<string, string | null>>(file);
  outcomes.catch(() => undefined); // Each test awaits it.

  it.for(titles)('%s', { timeout: 100_000 }, async (title, { skip }) => {
    const outcome = (await outcomes)[title];
    if (outcome === null) skip('This machine lacks what it needs.');
    if (outcome !== '') throw new Error(outcome ?? 'The test did not run.');
  });
});
