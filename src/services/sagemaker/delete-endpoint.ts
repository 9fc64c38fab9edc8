import type { DeleteEndpointCommandInput } from '@aws-sdk/client-sagemaker';
import { isInProgress } from '../../hosting/status.js';
import type { Operation } from './context.js';
import { inProgress } from './errors.js';
import { findEndpoint } from './find.js';

/** DeleteEndpoint. Answers at once; the endpoint is `Deleting` until its containers are gone. Gaps: none known. */
export const deleteEndpoint: Operation<DeleteEndpointCommandInput, undefined> = async (
  input,
  context,
) => {
  const endpoint = findEndpoint(context, input.EndpointName);
  if (isInProgress(endpoint.EndpointStatus) || endpoint.EndpointStatus === 'Deleting') {
    throw inProgress(endpoint.EndpointArn);
  }
  await context.saveEndpoint({
    ...endpoint,
    EndpointStatus: 'Deleting',
    LastModifiedTime: context.now,
    pending: undefined,
  });
};
