import { waitUntilReady } from '../../dist/containers/readiness.js';
import { docker } from '../lib/docker.js';
import { freePort } from '../lib/ports.js';
import { Asking, PAUSE_MS } from './asking.js';

/** What smlocal puts into a watched container; two containers may not share a mailbox. */
const OURS = '/opt/smlocal/';

/**
 * How an endpoint's one container was made, without what the watch has put into it.
 * @param {string} endpointName
 */
export async function bareArguments(endpointName) {
  const id = await docker('ps', '--quiet', '--filter', `label=smlocal.endpoint=${endpointName}`);
  const [{ Mounts, Config }] = JSON.parse(await docker('inspect', id.split('\n')[0]));
  const mounts = Mounts.filter((mount) => !mount.Destination.startsWith(OURS));
  const pairs = Config.Env.filter((pair) => !pair.includes(OURS) && !pair.startsWith('PIP_'));
  return [
    ...mounts.flatMap((mount) => ['--volume', `${mount.Source}:${mount.Destination}:ro`]),
    ...pairs.flatMap((pair) => ['--env', pair]),
  ];
}

/**
 * `docker run` of the container, to its first good /ping and to its first good answer; then `docker restart` of it, to its
 * first good answer: what one does without smlocal.
 * @param {import('../lib/cleanup.js').Cleanup} cleanup
 * @param {{ image: string, args: readonly string[], body: Buffer, text: string }} what
 */
export async function yardsticks(cleanup, what) {
  const { pingMs, answerMs, name, port, remove } = await bareStart(cleanup, what);
  const restartMs = await restart(name, port, what);
  await remove();
  return { pingMs, answerMs, restartMs };
}

/**
 * The first half of that, the container gone again.
 * @param {import('../lib/cleanup.js').Cleanup} cleanup
 * @param {{ image: string, args: readonly string[], body: Buffer, text: string }} what
 * @returns {Promise<number>} to its first good answer
 */
export async function bareAnswer(cleanup, what) {
  const { answerMs, remove } = await bareStart(cleanup, what);
  await remove();
  return answerMs;
}

/**
 * @param {import('../lib/cleanup.js').Cleanup} cleanup
 * @param {{ image: string, args: readonly string[], body: Buffer, text: string }} what
 */
async function bareStart(cleanup, { image, args, body, text }) {
  const name = `smlocal-bench-reload-${process.pid}`;
  const port = await freePort();
  const remove = cleanup.add(() => docker('rm', '--force', '--volumes', name));
  const asking = new Asking(`http://127.0.0.1:${port}/invocations`, body);
  const from = performance.now();
  const publish = ['--publish', `127.0.0.1:${port}:8080`];
  const run = docker('run', '--detach', '--name', name, ...publish, ...args, image, 'serve');
  const never = new Promise(() => {});
  const address = { host: '127.0.0.1', port };
  const [{ ready }] = await Promise.all([
    waitUntilReady(address, { timeoutMs: 60_000, exited: never }),
    run,
  ]);
  if (!ready) throw new Error('the bare container did not answer /ping in 60 s');
  const pingMs = performance.now() - from;
  const answerMs = (await asking.until(text, { patient: true, pauseMs: PAUSE_MS })) - from;
  asking.close();
  return { pingMs, answerMs, name, port, remove };
}

/** @param {string} name @param {number} port @param {{ body: Buffer, text: string }} what */
async function restart(name, port, { body, text }) {
  // On a new connection: the old one may never be told that its other end has gone.
  const asking = new Asking(`http://127.0.0.1:${port}/invocations`, body);
  const from = performance.now();
  // Not asked before it has stopped: the old process would answer.
  await docker('restart', name);
  const answered = await asking.until(text, { patient: true, pauseMs: PAUSE_MS });
  asking.close();
  return answered - from;
}
