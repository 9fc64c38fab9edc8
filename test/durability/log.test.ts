import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ROOT } from '../support/fixtures.js';
import { run } from '../support/run.js';

/** Where Linux has a disk that is always full. */
const FULL = '/dev/full';

test.runIf(existsSync(FULL))('A log on a full disk ends nobody', async () => {
  // In a process of its own, which an error without a listener would end.
  const script = `
    const { createLogger } = await import('${ROOT}dist/log.js');
    const log = createLogger({ destination: '${FULL}' });
    for (let line = 0; line < 10_000; line++) log.info('one line of very many');
    console.log('alive');`;
  const { stdout, stderr } = await run('node', ['--input-type=module', '--eval', script]);
  expect(stderr).toBe('');
  expect(stdout).toBe('alive\n');
});
