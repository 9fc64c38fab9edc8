import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SCRIPT = fileURLToPath(new URL('../invoke/wrk.lua', import.meta.url));

/**
 * Asks one question again and again on so many keep-alive connections, the next when the last is answered, by a program that
 * costs far less than what is measured.
 *
 * @param {string} url
 * @param {{ body: string, connections: number, seconds: number }} what body: the file to send
 * @returns {Promise<{ requests: number, perSecond: number, p50Ms: number, p99Ms: number }>}
 * @throws where an answer failed, or none came
 */
export async function wrk(url, { body, connections, seconds }) {
  const options = ['--threads', '1', '--timeout', '60s', '--duration', `${seconds}s`];
  const { stderr } = await run(
    'wrk',
    [...options, '--connections', String(connections), '--script', SCRIPT, url],
    { env: { ...process.env, BENCH_BODY: body } },
  );
  const { requests, us, failed, p50, p99 } = JSON.parse(stderr.trim().split('\n').at(-1) ?? '');
  if (failed > 0 || requests === 0)
    throw new Error(`${url}: ${failed} failed, ${requests} went well`);
  return { requests, perSecond: (requests * 1e6) / us, p50Ms: p50 / 1000, p99Ms: p99 / 1000 };
}
