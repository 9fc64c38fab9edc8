import { arnOf } from '../../hosting/arn.js';
import type { EndpointConfigRecord, EndpointRecord, ModelRecord } from '../../hosting/records.js';
import type { OperationContext } from './context.js';
import { notFound } from './errors.js';

type Context = Pick<OperationContext, 'caller' | 'records'>;

/** @throws ServiceError "Could not find endpoint" */
export function findEndpoint({ caller, records }: Context, name = ''): EndpointRecord {
  const endpoint = records.endpoints.get(name);
  if (endpoint === undefined) throw notFound('endpoint', arnOf(caller, 'endpoint', name));
  return endpoint;
}

/** @throws ServiceError "Could not find endpoint configuration" */
export function findEndpointConfig({ caller, records }: Context, name = ''): EndpointConfigRecord {
  const config = records.endpointConfigs.get(name);
  if (config === undefined)
    throw notFound('endpoint-config', arnOf(caller, 'endpoint-config', name));
  return config;
}

/** @throws ServiceError "Could not find model" */
export function findModel({ caller, records }: Context, name = ''): ModelRecord {
  const model = records.models.get(name);
  if (model === undefined) throw notFound('model', arnOf(caller, 'model', name));
  return model;
}
