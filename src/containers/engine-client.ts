import type Docker from 'dockerode';
import { connectionOptions, findEngineUrl } from './engine-endpoint.js';
import { asSmlocalError } from './engine-errors.js';

/** The one way to the engine's API: connects on first use, and puts the API's errors into our words. */
export interface EngineClient {
  /** @throws SmlocalError for a refusal (its `cause` keeps the HTTP status) or an engine that is not there. */
  call<T>(work: (docker: Docker) => Promise<T>): Promise<T>;
  /** Where the engine answers, for a sentence. */
  url(): Promise<string>;
}

interface Connection {
  readonly url: string;
  readonly docker: Docker;
}

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
    url: async () => (await connection()).url,
  };
}

async function connect(dockerHost: string | undefined): Promise<Connection> {
  const url = await findEngineUrl(dockerHost);
  const options = connectionOptions(url);
  // Imported on first use: it costs 75 ms and 26 MB that a command without containers should not pay.
  const { default: Dockerode } = await import('dockerode');
  return { url, docker: new Dockerode(options) };
}
