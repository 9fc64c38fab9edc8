import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEndpoint, startMoto } from '../../invoke/servers.js';
import { ratiosInTurn } from '../in-turn.js';

export const RATIOS = /** @type {const} */ ({ throughput_vs_moto: 'more' });

export const NEEDS_TOOLS = true;

/** @type {import('../ratios.js').RatioSet['measure']} */
export async function measure({ cleanup }) {
  const folder = await mkdtemp(join(tmpdir(), 'smlocal-bench-'));
  cleanup.add(() => rm(folder, { recursive: true, force: true }));
  const body = join(folder, 'body');
  await writeFile(body, Buffer.alloc(2_000, 'a'));
  const daemon = await startEndpoint(cleanup, body);
  const path = '/endpoints/echo/invocations';
  const moto = await startMoto(cleanup);
  const servers = { smlocal: { url: `${daemon.url}${path}` }, moto: { url: `${moto}${path}` } };
  const how = { body, connections: 32, rounds: 5, seconds: 1 };
  const ratios = await ratiosInTurn(servers, how);
  return { throughput_vs_moto: ratios.smlocal.perSecond('moto') };
}
