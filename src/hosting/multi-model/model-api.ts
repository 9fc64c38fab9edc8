import type { Dispatcher } from 'undici';
import type { Backend } from '../backend.js';

/** Where a multi-model container finds its models. */
export const MODELS_DIRECTORY = '/opt/ml/models';

/** How a container answered one of the calls. */
export interface ApiAnswer {
  readonly statusCode: number;
  readonly body: Buffer;
}

const MOST_MODELS_A_PAGE = 100;

/** Enough for any list; a container that never comes to its end is left at that. */
const MOST_PAGES = 1000;

/**
 * The calls by which models are loaded into a container and taken out of it ("Custom Containers Contract for Multi-Model
 * Endpoints", developer guide). Each rejects where the container cannot be reached.
 */
export class ModelApi {
  constructor(private readonly backend: Backend) {}

  load(id: string, signal: AbortSignal): Promise<ApiAnswer> {
    const body = JSON.stringify({ model_name: id, url: `${MODELS_DIRECTORY}/${id}/model` });
    const headers = { 'content-type': 'application/json' };
    return this.#ask({ method: 'POST', path: '/models', headers, body, signal });
  }

  unload(id: string): Promise<ApiAnswer> {
    return this.#ask({ method: 'DELETE', path: `/models/${id}` });
  }

  /** Whether the container still has a model. */
  async has(id: string, signal: AbortSignal): Promise<boolean> {
    const { statusCode } = await this.#ask({ method: 'GET', path: `/models/${id}`, signal });
    return statusCode < 300;
  }

  /** The ids of all models that the container has; none where it does not say. */
  async list(): Promise<string[]> {
    const ids: string[] = [];
    let token: string | undefined;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const query = token === undefined ? '' : `&next_page_token=${encodeURIComponent(token)}`;
      const path = `/models?limit=${MOST_MODELS_A_PAGE}${query}`;
      const { models, nextPageToken } = listed(await this.#ask({ method: 'GET', path }));
      ids.push(...models);
      if (models.length === 0 || nextPageToken === undefined) break;
      token = nextPageToken;
    }
    return ids;
  }

  async #ask(
    call: Pick<Dispatcher.RequestOptions, 'method' | 'path' | 'headers' | 'body' | 'signal'>,
  ): Promise<ApiAnswer> {
    const headers = { accept: 'application/json', 'user-agent': 'AHC/2.0', ...call.headers };
    const { statusCode, body } = await this.backend.pool.request({ ...call, headers });
    return { statusCode, body: Buffer.from(await body.arrayBuffer()) };
  }
}

function listed({ statusCode, body }: ApiAnswer): { models: string[]; nextPageToken?: string } {
  if (statusCode >= 300) return { models: [] };
  try {
    const { models = [], nextPageToken } = JSON.parse(body.toString('utf8')) as {
      models?: readonly { modelName?: unknown }[];
      nextPageToken?: unknown;
    };
    return {
      models: models.flatMap(({ modelName }) => (typeof modelName === 'string' ? modelName : [])),
      ...(nextPageToken ? { nextPageToken: String(nextPageToken) } : {}),
    };
  } catch {
    return { models: [] };
  }
}
