import type {
  DescribeModelCommandInput,
  DescribeModelCommandOutput,
} from '@aws-sdk/client-sagemaker';
import type { Operation } from './context.js';
import { findModel } from './find.js';

/** DescribeModel. Gaps: none known; what CreateModel was given is shown as it was given. */
export const describeModel: Operation<
  DescribeModelCommandInput,
  Omit<DescribeModelCommandOutput, '$metadata'>
> = async ({ ModelName }, context) => {
  const model = findModel(context, ModelName);
  const { PrimaryContainer } = model;
  return {
    ...model,
    PrimaryContainer: PrimaryContainer && { Mode: 'SingleModel', ...PrimaryContainer },
    EnableNetworkIsolation: model.EnableNetworkIsolation ?? false,
  };
};
