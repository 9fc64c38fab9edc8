import type {
  ListEndpointsCommandInput,
  ListEndpointsCommandOutput,
} from '@aws-sdk/client-sagemaker';
import type { Operation } from './context.js';
import { listPage } from './listing.js';

/** ListEndpoints. Gaps: none known. */
export const listEndpoints: Operation<
  ListEndpointsCommandInput,
  Omit<ListEndpointsCommandOutput, '$metadata'>
> = async (input, { records }) => {
  const { page, NextToken } = listPage(records.endpoints, input);
  return { Endpoints: page, NextToken };
};
