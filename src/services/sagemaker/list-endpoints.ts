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
  const endpoints = records.endpoints.values();
  const { page, NextToken } = listPage(endpoints, input, ({ EndpointName }) => EndpointName);
  return { Endpoints: page, NextToken };
};
