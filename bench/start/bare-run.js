import { get } from 'node:http';
import { docker } from '../lib/docker.js';
import { freePort } from '../lib/ports.js';

/** A ping is sent this often, whether or not those before it were answered. */
const INTERVAL_MS = 10;

/** How long each may hang: docker's proxy takes connections before the server does, and those are never answered. */
const PING_MS = 300;

/**
 * `docker run` to the first 200 from /ping, on a port of 127.0.0.1 as smlocal publishes it.
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
  const [took] = await Promise.all([untilGood(port, from), started]);
  await remove();
  return took;
}

/**
 * @param {number} port
 * @param {number} from
 * @returns {Promise<number>}
 */
function untilGood(port, from) {
  return new Promise((resolve) => {
    /** @type {Set<import('node:http').ClientRequest>} */
    const open = new Set();
    const done = () => {
      clearInterval(timer);
      for (const sent of open) sent.destroy();
      resolve(performance.now() - from);
    };
    const timer = setInterval(() => {
      const sent = get({ host: '127.0.0.1', port, path: '/ping', agent: false });
      open.add(sent);
      sent.setTimeout(PING_MS, () => sent.destroy());
      sent.once('response', (response) => {
        response.resume();
        if (response.statusCode === 200) done();
      });
      sent.on('error', () => undefined);
      sent.once('close', () => open.delete(sent));
    }, INTERVAL_MS);
  });
}
