import type {
  ListEndpointConfigsCommandInput,
  ListEndpointConfigsCommandOutput,
} from '@aws-sdk/client-sagemaker';
import type { Operation } from './context.js';
import { listPage } from './listing.js';

/** ListEndpointConfigs. Gaps: none known. */
export const listEndpointConfigs: Operation<
  ListEndpointConfigsCommandInput,
  Omit<ListEndpointConfigsCommandOutput, '$metadata'>
> = async (input, { records }) => {
  const { page, NextToken } = listPage(records.endpointConfigs, input);
  return { EndpointConfigs: page, NextToken };
};
