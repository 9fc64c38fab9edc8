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
  const configs = records.endpointConfigs.values();
  const { page, NextToken } = listPage(
    configs,
    input,
    ({ EndpointConfigName }) => EndpointConfigName,
  );
  return { EndpointConfigs: page, NextToken };
};
