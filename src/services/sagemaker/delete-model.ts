import type { DeleteModelCommandInput } from '@aws-sdk/client-sagemaker';
import type { Operation } from './context.js';
import { findModel } from './find.js';

/** DeleteModel. Allowed while an endpoint serves it, which goes on serving. Gaps: none known. */
export const deleteModel: Operation<DeleteModelCommandInput, undefined> = async (
  input,
  context,
) => {
  const { ModelName } = findModel(context, input.ModelName);
  await context.records.models.delete(ModelName);
};
