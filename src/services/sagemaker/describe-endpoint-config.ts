import type {
  DescribeEndpointConfigCommandInput,
  DescribeEndpointConfigCommandOutput,
} from '@aws-sdk/client-sagemaker';
import type { Operation } from './context.js';
import { findEndpointConfig } from './find.js';

/** DescribeEndpointConfig. Gaps: none known; what CreateEndpointConfig was given is shown as it was given. */
export const describeEndpointConfig: Operation<
  DescribeEndpointConfigCommandInput,
  Omit<DescribeEndpointConfigCommandOutput, '$metadata'>
> = async (input, context) => {
  const config = findEndpointConfig(context, input.EndpointConfigName);
  return { ...config, EnableNetworkIsolation: config.EnableNetworkIsolation ?? false };
};
