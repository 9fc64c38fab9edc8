import type { DeleteEndpointConfigCommandInput } from '@aws-sdk/client-sagemaker';
import type { Operation } from './context.js';
import { findEndpointConfig } from './find.js';

/** DeleteEndpointConfig. Allowed while an endpoint uses it, whose next update then fails, as on AWS. Gaps: none known. */
export const deleteEndpointConfig: Operation<DeleteEndpointConfigCommandInput, undefined> = async (
  input,
  context,
) => {
  const { EndpointConfigName } = findEndpointConfig(context, input.EndpointConfigName);
  await context.records.endpointConfigs.delete(EndpointConfigName);
};
