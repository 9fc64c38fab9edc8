import type { DeleteEndpointCommandInput } from '@aws-sdk/client-sagemaker';
import type { Operation } from './context.js';
import { findEndpoint } from './find.js';
import { requested } from './requested.js';

/** DeleteEndpoint. Answers at once; the endpoint is `Deleting` until its containers are gone. Gaps: none known. */
export const deleteEndpoint: Operation<DeleteEndpointCommandInput, undefined> = async (
  input,
  context,
) => {
  const endpoint = findEndpoint(context, input.EndpointName);
  const EndpointStatus = requested(endpoint, 'DeleteEndpoint');
  await context.saveEndpoint({
    ...endpoint,
    EndpointStatus,
    LastModifiedTime: context.now,
    pending: undefined,
  });
};
