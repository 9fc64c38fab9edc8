import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeReadyForNginx } from '../lib/bench-tools.js';
import { hundredths, median } from '../lib/numbers.js';
import { wrk } from '../lib/wrk.js';
import { backendConfiguration, proxyConfiguration, startNginx } from './nginx.js';
import { startEndpoint, startMoto } from './servers.js';

const SIZES = { '2kb': 2_000, '256kb': 256_000, '25mb': 25_000_000 };
const CONNECTIONS = [1, 32, 256];
const SECONDS = 2;

/** Which of all combinations are measured: 25 MB on 256 connections would be 6 GB under way. */
const isMeasured = (/** @type {string} */ size, /** @type {number} */ connections) =>
  size !== '25mb' || connections === 1;

/** @typedef {import('../lib/cleanup.js').Cleanup} Cleanup */
/** @typedef {{ perSecond: number, p50Ms: number, p99Ms: number }} Measured */

/**
 * What smlocal adds to an invocation, beside the container alone, nginx as a reverse proxy, and moto. README.md says what each
 * key is.
 * @param {{ cleanup: Cleanup, runs: number, say: (line: string) => void }} bench
 */
export async function runInvoke({ cleanup, runs, say }) {
  makeReadyForNginx();
  const folder = await mkdtemp(join(tmpdir(), 'smlocal-bench-'));
  cleanup.add(() => rm(folder, { recursive: true, force: true }));
  /** @type {Record<string, number>} */
  const figures = {};
  for (const [size, bytes] of Object.entries(SIZES)) {
    const body = join(folder, `${size}.body`);
    await writeFile(body, Buffer.alloc(bytes, 'a'));
    const servers = await startAll(cleanup, join(folder, size), body);
    for (const connections of CONNECTIONS.filter((count) => isMeasured(size, count))) {
      say(`${size}, connections: ${connections}; ${runs} runs`);
      const found = await inTurn(servers.urls, { body, connections, runs });
      Object.assign(figures, compared(`${size}_${connections}`, found));
    }
    await servers.stop();
  }
  say('moto');
  figures.throughput_vs_moto = await versusMoto(cleanup, folder, runs);
  return { figures: { ...headline(figures), ...hundredths(figures), runs }, goals: GOALS };
}

/** What stands behind the goals: 2 KB. */
const GOALS = {
  added_p50_ms: 0.2,
  added_vs_nginx: 4,
  throughput_vs_nginx: { atLeast: 0.4 },
  throughput_vs_moto: { atLeast: 25 },
};

/** @param {Record<string, number>} figures */
function headline(figures) {
  return hundredths({
    added_p50_ms: figures['2kb_1_added_p50_ms'],
    added_vs_nginx: figures['2kb_1_added_vs_nginx'],
    throughput_vs_nginx: figures['2kb_32_throughput_vs_nginx'],
    throughput_vs_moto: figures.throughput_vs_moto,
  });
}

/**
 * @param {Cleanup} cleanup
 * @param {string} folder
 * @param {string} answer
 */
async function startAll(cleanup, folder, answer) {
  const backend = await startNginx(cleanup, `${folder}-backend`, (own, port) =>
    backendConfiguration(own, port, answer),
  );
  const proxy = await startNginx(cleanup, `${folder}-proxy`, (own, port) =>
    proxyConfiguration(own, port, backend),
  );
  const daemon = await startEndpoint(cleanup, answer);
  return {
    urls: {
      backend: `http://127.0.0.1:${backend}/invocations`,
      nginx: `http://127.0.0.1:${proxy}/endpoints/echo/invocations`,
      smlocal: `${daemon.url}/endpoints/echo/invocations`,
      streamed: `${daemon.url}/endpoints/echo/invocations-response-stream`,
    },
    stop: daemon.stop,
  };
}

/**
 * Each in turn, so that a machine that changes its pace favours none; the first round is not counted.
 * @param {Record<string, string>} urls
 * @param {{ body: string, connections: number, runs: number }} how
 * @returns {Promise<Record<string, { perSecond: number, p50Ms: number, p99Ms: number }>>} medians
 */
async function inTurn(urls, { body, connections, runs }) {
  /** @type {Record<string, Measured[]>} */
  const rounds = Object.fromEntries(Object.keys(urls).map((name) => [name, []]));
  for (let run = 0; run <= runs; run += 1) {
    for (const [name, url] of Object.entries(urls)) {
      const measured = await wrk(url, { body, connections, seconds: SECONDS });
      if (run > 0) rounds[name].push(measured);
    }
  }
  return Object.fromEntries(Object.entries(rounds).map(([name, found]) => [name, middle(found)]));
}

/** @param {readonly Measured[]} found @returns {Measured} */
function middle(found) {
  return {
    perSecond: median(found.map(({ perSecond }) => perSecond)),
    p50Ms: median(found.map(({ p50Ms }) => p50Ms)),
    p99Ms: median(found.map(({ p99Ms }) => p99Ms)),
  };
}

/**
 * @param {string} prefix
 * @param {Record<string, Measured>} found
 */
function compared(prefix, { backend, nginx, smlocal, streamed }) {
  const added = smlocal.p50Ms - backend.p50Ms;
  const addedByNginx = nginx.p50Ms - backend.p50Ms;
  return {
    [`${prefix}_added_p50_ms`]: added,
    [`${prefix}_added_by_nginx_p50_ms`]: addedByNginx,
    [`${prefix}_added_vs_nginx`]: added / addedByNginx,
    [`${prefix}_p99_ms`]: smlocal.p99Ms,
    [`${prefix}_throughput_vs_nginx`]: smlocal.perSecond / nginx.perSecond,
    [`${prefix}_streamed_vs_invoke`]: streamed.perSecond / smlocal.perSecond,
    [`${prefix}_per_second`]: smlocal.perSecond,
  };
}

/**
 * @param {Cleanup} cleanup
 * @param {string} folder
 * @param {number} runs
 */
async function versusMoto(cleanup, folder, runs) {
  const body = join(folder, '2kb.body');
  const daemon = await startEndpoint(cleanup, body);
  const moto = await startMoto(cleanup);
  const path = '/endpoints/echo/invocations';
  const urls = { smlocal: `${daemon.url}${path}`, moto: `${moto}${path}` };
  const found = await inTurn(urls, { body, connections: 32, runs });
  await daemon.stop();
  return found.smlocal.perSecond / found.moto.perSecond;
}
