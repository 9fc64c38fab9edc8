import { waitUntilReady } from '../../dist/containers/readiness.js';
import { docker } from '../lib/docker.js';
import { freePort } from '../lib/ports.js';

/**
 * `docker run` to the first 200 from /ping, on a port of 127.0.0.1 as smlocal publishes it. Both are
 * asked by the same pings: how one asks decides what is seen, and a flood of pings slows a server that is starting.
 * @param {import('../lib/cleanup.js').Cleanup} cleanup
 * @param {string} image
 * @param {readonly string[]} runArguments
 * @returns {Promise<number>} milliseconds
 */
export async function bareRun(cleanup, image, runArguments) {
  const name = `smlocal-bench-${process.pid}`;
  const port = await freePort();
  const publish = ['--publish', `127.0.0.1:${port}:8080`];
  const remove = cleanup.add(() => docker('rm', '--force', '--volumes', name));
  const from = performance.now();
  const started = docker(
    'run',
    '--detach',
    '--name',
    name,
    ...publish,
    ...runArguments,
    image,
    'serve',
  );
  await Promise.all([untilGood(port), started]);
  const took = performance.now() - from;
  await remove();
  return took;
}

/** @param {number} port */
async function untilGood(port) {
  const never = new Promise(() => {});
  const address = { host: '127.0.0.1', port };
  const { ready } = await waitUntilReady(address, { timeoutMs: 60_000, exited: never });
  if (!ready) throw new Error('the bare container did not answer /ping in 60 s');
}
