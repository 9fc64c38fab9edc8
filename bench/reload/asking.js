import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** Where seconds are measured: a flood of questions would take the processors from the server that is starting. */
export const PAUSE_MS = 20;

/** One keep-alive connection to an endpoint, on which one question follows the other. */
export class Asking {
  #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  #url;
  #body;

  /** @param {string} url of the endpoint's invocations @param {Buffer} body */
  constructor(url, body) {
    this.#url = url;
    this.#body = body;
  }

  close() {
    this.#agent.destroy();
  }

  /**
   * Asks until an answer contains `text`.
   * @param {string} text
   * @param {{ patient?: boolean, pauseMs?: number, limitMs?: number }} [options] patient: errors are waited out, for a server
   *   that is down; pauseMs: between an answer and the next question
   * @returns {Promise<number>} when that answer had been read, on the clock of `performance.now()`
   */
  async until(text, { patient = false, pauseMs = 0, limitMs = 120_000 } = {}) {
    const deadline = performance.now() + limitMs;
    let last = '';
    while (performance.now() < deadline) {
      try {
        const { status, body } = await this.#ask();
        if (status === 200 && body.includes(text)) return performance.now();
        if (status !== 200 && !patient) throw new Error(`answered ${status}: ${body}`);
        last = body;
      } catch (error) {
        if (!patient) throw error;
        last = String(error);
      }
      if (pauseMs > 0) await delay(pauseMs);
    }
    throw new Error(`no answer contained ${text} in ${limitMs / 1000} s; the last was ${last}`);
  }

  /**
   * Asks on and on while something else is done.
   * @template T
   * @param {() => Promise<T>} work
   * @param {number} pauseMs between an answer and the next question
   * @returns {Promise<T>}
   */
  async during(work, pauseMs) {
    let isDone = false;
    const done = work().finally(() => {
      isDone = true;
    });
    done.catch(() => undefined); // Awaited below.
    while (!isDone) {
      await this.#ask();
      await delay(pauseMs);
    }
    return done;
  }

  /** @returns {Promise<{ status: number, body: string }>} */
  #ask() {
    return new Promise((resolve, reject) => {
      const headers = {
        'content-type': 'application/json',
        accept: 'application/json',
        'content-length': this.#body.length,
      };
      const sent = request(
        this.#url,
        { method: 'POST', agent: this.#agent, headers },
        (response) => {
          let body = '';
          response.setEncoding('utf8');
          response.on('data', (chunk) => {
            body += chunk;
          });
          response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
          response.on('error', reject);
        },
      );
      sent.on('error', reject);
      sent.end(this.#body);
    });
  }
}
