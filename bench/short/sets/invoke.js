import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { backendConfiguration, proxyConfiguration, startNginx } from '../../invoke/nginx.js';
import { startEndpoint } from '../../invoke/servers.js';
import { ratiosInTurn } from '../in-turn.js';

/** Answers a second beside nginx as a reverse proxy, and beside the least that a proxy in Node can be. */
export const RATIOS = /** @type {const} */ ({
  throughput_vs_nginx: 'more',
  throughput_vs_bare_proxy: 'more',
  streamed_vs_bare_proxy: 'more',
  processor_vs_bare_proxy: 'less',
  large_throughput_vs_bare_proxy: 'more',
  large_processor_vs_bare_proxy: 'less',
});

export const NEEDS_TOOLS = true;

const BARE_PROXY = fileURLToPath(new URL('../bare-proxy.js', import.meta.url));

/** @type {import('../ratios.js').RatioSet['measure']} */
export async function measure({ cleanup }) {
  const folder = await mkdtemp(join(tmpdir(), 'smlocal-bench-'));
  cleanup.add(() => rm(folder, { recursive: true, force: true }));
  const many = { bytes: 2_000, connections: 32, servers: ['nginx', 'bare', 'smlocal', 'streamed'] };
  const small = await measureLoad(cleanup, join(folder, 'small'), many);
  const heavy = { bytes: 1_000_000, connections: 8, servers: ['bare', 'smlocal'] };
  const large = await measureLoad(cleanup, join(folder, 'large'), heavy);
  return {
    throughput_vs_nginx: small.smlocal.perSecond('nginx'),
    throughput_vs_bare_proxy: small.smlocal.perSecond('bare'),
    streamed_vs_bare_proxy: small.streamed.perSecond('bare'),
    processor_vs_bare_proxy: small.smlocal.processor('bare'),
    large_throughput_vs_bare_proxy: large.smlocal.perSecond('bare'),
    large_processor_vs_bare_proxy: large.smlocal.processor('bare'),
  };
}

/**
 * @param {import('../../lib/cleanup.js').Cleanup} cleanup
 * @param {string} folder of its own
 * @param {{ bytes: number, connections: number, servers: readonly string[] }} load which of the servers are asked, and how
 */
async function measureLoad(cleanup, folder, { bytes, connections, servers }) {
  const body = `${folder}.body`;
  await writeFile(body, Buffer.alloc(bytes, 'a'));
  const backend = await startNginx(cleanup, `${folder}-backend`, (own, port) =>
    backendConfiguration(own, port, body),
  );
  const nginx = await startNginx(cleanup, `${folder}-proxy`, (own, port) =>
    proxyConfiguration(own, port, backend),
  );
  const bare = await startBareProxy(cleanup, `http://127.0.0.1:${backend}`);
  const daemon = await startEndpoint(cleanup, body);
  const path = '/endpoints/echo/invocations';
  const all = {
    nginx: { url: `http://127.0.0.1:${nginx}${path}` },
    bare: { url: `http://127.0.0.1:${bare.port}${path}`, pid: bare.pid },
    smlocal: { url: `${daemon.url}${path}`, pid: daemon.pid },
    streamed: { url: `${daemon.url}${path}-response-stream` },
  };
  const asked = Object.fromEntries(servers.map((name) => [name, all[name]]));
  const ratios = await ratiosInTurn(asked, { body, connections, rounds: 5, seconds: 1 });
  await daemon.stop();
  await bare.stop();
  return ratios;
}

/** @param {import('../../lib/cleanup.js').Cleanup} cleanup @param {string} backend */
async function startBareProxy(cleanup, backend) {
  const child = spawn(process.execPath, [BARE_PROXY, backend], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const stop = cleanup.add(async () => {
    child.kill();
    await ended;
  });
  const died = ended.then(() => Promise.reject(new Error('The bare proxy did not start.')));
  died.catch(() => undefined);
  const [port] = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), died]);
  return { port: Number(port), pid: child.pid, stop };
}
