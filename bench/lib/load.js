import { Agent, request } from 'node:http';
import { percentile } from './numbers.js';

/**
 * Asks one question again and again on so many keep-alive connections, the next when the last is answered (a closed loop).
 *
 * @param {{ url: string, body: Buffer, contentType?: string, connections: number, seconds: number }} what
 * @returns {Promise<{ perSecond: number, p50Ms: number, p99Ms: number }>}
 * @throws where an answer is not 200
 */
export async function load({ url, body, contentType, connections, seconds }) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const headers = {
    'content-type': contentType ?? 'application/json',
    'content-length': body.length,
  };
  /** @type {number[]} */
  const times = [];
  const from = performance.now();
  const end = from + seconds * 1000;
  const connection = async () => {
    while (performance.now() < end) {
      const asked = performance.now();
      await ask(url, { method: 'POST', agent, headers }, body);
      times.push(performance.now() - asked);
    }
  };
  try {
    await Promise.all(Array.from({ length: connections }, connection));
  } finally {
    agent.destroy();
  }
  const took = (performance.now() - from) / 1000;
  return {
    perSecond: times.length / took,
    p50Ms: percentile(times, 50),
    p99Ms: percentile(times, 99),
  };
}

/**
 * @param {string} url
 * @param {import('node:http').RequestOptions} options
 * @param {Buffer} body
 * @returns {Promise<void>} when the answer was read to its end
 */
function ask(url, options, body) {
  return new Promise((resolve, reject) => {
    const sent = request(url, options, (response) => {
      response.once('error', reject);
      response.once('end', () =>
        response.statusCode === 200
          ? resolve()
          : reject(new Error(`${url} answered ${response.statusCode}`)),
      );
      response.resume();
    });
    sent.once('error', reject);
    sent.end(body);
  });
}
