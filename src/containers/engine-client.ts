import type Docker from 'dockerode';
import { connectionOptions, findEngineUrl } from './engine-endpoint.js';
import { asSmlocalError, noEngine } from './engine-errors.js';

/**
 * The one way to the engine's API: connects on first use, and puts the API's errors into our words. No call is without an
 * owner: one is either asked, and bounded in time, or made with a signal, as whatever streams or waits is.
 */
export interface EngineClient {
  /** @throws SmlocalError for a refusal (its `cause` keeps the HTTP status) or an engine that is not there. */
  call<T>(work: (docker: Docker) => Promise<T>): Promise<T>;
  /** As `call`, for what is answered at once: an engine that has said nothing for so long counts as one that is not there. */
  ask<T>(work: (docker: Docker) => Promise<T>, limitMs?: number): Promise<T>;
  /** Where the engine answers, for a sentence. */
  url(): Promise<string>;
}

interface Connection {
  readonly url: string;
  readonly docker: Docker;
  /** The same engine, by connections that are closed when nothing has come for a while. */
  readonly bounded: Docker;
}

/** An engine takes long to create a container on a slow disk, and to stop one that has its grace. */
const ANSWER_LIMIT_MS = 60_000;

/** Beyond every limit of a call: by then nobody waits for the answer any more. */
const SILENCE_LIMIT_MS = 180_000;

export function createEngineClient(dockerHost?: string): EngineClient {
  let connecting: Promise<Connection> | undefined;
  const connection = () => {
    connecting ??= connect(dockerHost).catch((error: unknown) => {
      connecting = undefined; // looked up again next time: the engine may have come up elsewhere
      throw error;
    });
    return connecting;
  };
  return {
    async call(work) {
      const { url, docker } = await connection();
      try {
        return await work(docker);
      } catch (error) {
        throw asSmlocalError(error, url);
      }
    },
    async ask(work, limitMs = ANSWER_LIMIT_MS) {
      const { url, bounded } = await connection();
      try {
        return await answered(work(bounded), limitMs, () => noEngine(url, 'silent'));
      } catch (error) {
        throw asSmlocalError(error, url);
      }
    },
    url: async () => (await connection()).url,
  };
}

async function connect(dockerHost: string | undefined): Promise<Connection> {
  const url = await findEngineUrl(dockerHost);
  const options = connectionOptions(url);
  // Imported on first use: it costs 75 ms and 26 MB that a command without containers should not pay.
  const { default: Dockerode } = await import('dockerode');
  const bounded = new Dockerode({ ...options, timeout: SILENCE_LIMIT_MS });
  return { url, docker: new Dockerode(options), bounded };
}

/** The answer, or the failure that silence is. */
function answered<T>(answer: Promise<T>, limitMs: number, silence: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(silence()), limitMs);
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
