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
> = async (input, context) => findEndpointConfig(context, input.EndpointConfigName);
