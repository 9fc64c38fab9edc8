import type { SerialModel } from './linearizable.js';

/** What can be asked of a model, a config of it and an endpoint of that, which belong together by their names. */
export type Request =
  | { readonly op: 'CreateModel' | 'AddTags' | 'CreateEndpointConfig'; readonly value: string }
  | {
      readonly op:
        | 'DescribeModel'
        | 'DeleteModel'
        | 'ListTags'
        | 'ListModels'
        | 'DescribeEndpointConfig'
        | 'DeleteEndpointConfig'
        | 'CreateEndpoint'
        | 'UpdateEndpoint'
        | 'DeleteEndpoint'
        | 'DescribeEndpoint';
    };

/** An answer, or why it was refused. */
export type Answer =
  | { readonly is: 'ok'; readonly value?: string | undefined }
  | { readonly is: 'missing' | 'exists' | 'busy' };

interface Endpoint {
  readonly status: 'Creating' | 'InService' | 'Updating' | 'Deleting';
  /** The value of the config that it serves, and of that which it is to serve. */
  readonly serves?: string;
  readonly pending?: string;
}

export interface Family {
  readonly model?: { readonly value: string; readonly tag?: string };
  readonly config?: string;
  readonly endpoint?: Endpoint;
}

/** What the operations do one after the other; written from AWS's API reference, and knowing nothing of how they are made. */
export const FAMILY: SerialModel<Family, Request, Answer> = {
  initial: {},
  moves: ({ endpoint, ...rest }) => {
    switch (endpoint?.status) {
      case 'Creating':
      case 'Updating':
        return [{ ...rest, endpoint: { status: 'InService', serves: endpoint.pending } } as Family];
      case 'Deleting':
        return [rest];
      default:
        return [];
    }
  },
  after: (state, request, answer) =>
    answer.is === 'ok'
      ? carriedOut(state, request, answer.value)
      : refusals(state, request).has(answer.is)
        ? state
        : undefined,
};

function carriedOut(state: Family, request: Request, value?: string): Family | undefined {
  if (refusals(state, request).size > 0) return undefined;
  const { model, config, endpoint } = state;
  const seen = (actual: string | undefined) => (actual === value ? state : undefined);
  switch (request.op) {
    case 'CreateModel':
      return { ...state, model: { value: request.value } };
    case 'AddTags':
      return model && { ...state, model: { ...model, tag: request.value } };
    case 'DescribeModel':
      return seen(model?.value);
    case 'ListTags':
      return seen(model?.tag);
    case 'ListModels':
      return seen(model === undefined ? 'none' : 'one');
    case 'DeleteModel':
      return { ...state, model: undefined } as Family;
    case 'CreateEndpointConfig':
      return { ...state, config: request.value };
    case 'DescribeEndpointConfig':
      return seen(config);
    case 'DeleteEndpointConfig':
      return { ...state, config: undefined } as Family;
    case 'CreateEndpoint':
      return { ...state, endpoint: { status: 'Creating', pending: config } } as Family;
    case 'UpdateEndpoint':
      return { ...state, endpoint: { ...endpoint, status: 'Updating', pending: config } } as Family;
    case 'DeleteEndpoint':
      return { ...state, endpoint: { ...endpoint, status: 'Deleting' } } as Family;
    case 'DescribeEndpoint':
      return seen(`${endpoint?.status} ${endpoint?.serves ?? 'nothing'}`);
  }
}

/** Why the request may be refused in this state; where there are two reasons, either may be given. */
function refusals({ model, config, endpoint }: Family, { op }: Request): Set<Answer['is']> {
  const missing = (...needed: unknown[]) =>
    needed.includes(undefined) ? ['missing' as const] : [];
  const exists = (taken: unknown) => (taken === undefined ? [] : ['exists' as const]);
  const busy = endpoint !== undefined && endpoint.status !== 'InService' ? ['busy' as const] : [];
  switch (op) {
    case 'CreateModel':
      return new Set(exists(model));
    case 'ListModels':
      return new Set();
    case 'AddTags':
    case 'DescribeModel':
    case 'ListTags':
    case 'DeleteModel':
      return new Set(missing(model));
    case 'CreateEndpointConfig':
      return new Set([...exists(config), ...missing(model)]);
    case 'DescribeEndpointConfig':
    case 'DeleteEndpointConfig':
      return new Set(missing(config));
    case 'CreateEndpoint':
      return new Set([...exists(endpoint), ...missing(model, config)]);
    case 'UpdateEndpoint':
      return new Set([...missing(model, config, endpoint), ...busy]);
    case 'DeleteEndpoint':
      return new Set([...missing(endpoint), ...busy]);
    case 'DescribeEndpoint':
      return new Set(missing(endpoint));
  }
}
