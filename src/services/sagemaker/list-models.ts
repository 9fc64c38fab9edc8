import type { ListModelsCommandInput, ListModelsCommandOutput } from '@aws-sdk/client-sagemaker';
import type { Operation } from './context.js';
import { listPage } from './listing.js';

/** ListModels. Gaps: none known. */
export const listModels: Operation<
  ListModelsCommandInput,
  Omit<ListModelsCommandOutput, '$metadata'>
> = async (input, { records }) => {
  const { page, NextToken } = listPage(records.models, input);
  return { Models: page, NextToken };
};
