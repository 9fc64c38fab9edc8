import type { Operation } from './context.js';
import { createEndpoint } from './create-endpoint.js';
import { createEndpointConfig } from './create-endpoint-config.js';
import { createModel } from './create-model.js';
import { deleteEndpoint } from './delete-endpoint.js';
import { deleteEndpointConfig } from './delete-endpoint-config.js';
import { deleteModel } from './delete-model.js';
import { describeEndpoint } from './describe-endpoint.js';
import { describeEndpointConfig } from './describe-endpoint-config.js';
import { describeModel } from './describe-model.js';
import { listEndpointConfigs } from './list-endpoint-configs.js';
import { listEndpoints } from './list-endpoints.js';
import { listModels } from './list-models.js';
import { addTags, deleteTags, listTags } from './tags.js';
import { updateEndpoint } from './update-endpoint.js';
import { updateEndpointWeightsAndCapacities } from './update-endpoint-weights-and-capacities.js';

/** Input and output of any operation: the service model has checked the one and serialises the other. */
type AnyOperation = Operation<never, object | undefined>;

/** Every operation of SageMaker that smlocal serves, by its name on the wire. */
export const OPERATIONS: ReadonlyMap<string, AnyOperation> = new Map<string, AnyOperation>([
  ['CreateModel', createModel],
  ['DescribeModel', describeModel],
  ['ListModels', listModels],
  ['DeleteModel', deleteModel],
  ['CreateEndpointConfig', createEndpointConfig],
  ['DescribeEndpointConfig', describeEndpointConfig],
  ['ListEndpointConfigs', listEndpointConfigs],
  ['DeleteEndpointConfig', deleteEndpointConfig],
  ['CreateEndpoint', createEndpoint],
  ['DescribeEndpoint', describeEndpoint],
  ['ListEndpoints', listEndpoints],
  ['UpdateEndpoint', updateEndpoint],
  ['UpdateEndpointWeightsAndCapacities', updateEndpointWeightsAndCapacities],
  ['DeleteEndpoint', deleteEndpoint],
  ['AddTags', addTags],
  ['ListTags', listTags],
  ['DeleteTags', deleteTags],
]);
