import type { IncomingMessage, ServerResponse } from 'node:http';
import { eventMessage, exceptionMessage } from '../../contract/event-stream.js';
import type { InvocationInput, RuntimeContext } from './context.js';
import { CONTAINER } from './errors.js';
import { type InvocationKind, invoke, pick } from './invoke.js';

/*
 * InvokeEndpointWithResponseStream (sagemaker-runtime, 2017-05-13): what the container sends goes to the client as it
 * comes, each chunk as a `PayloadPart`. What fails before the first is an ordinary HTTP error, as with InvokeEndpoint.
 * Gaps: as of InvokeEndpoint; what streams is not captured, of which the developer guide says nothing; the text of a stream that breaks off has not been seen of the service.
 */

/** `Accept` travels under another name here (service model). */
const FORWARDED = {
  'content-type': 'content-type',
  'x-amzn-sagemaker-accept': 'accept',
  'x-amzn-sagemaker-custom-attributes': 'x-amzn-sagemaker-custom-attributes',
  'x-amzn-sagemaker-inference-id': 'x-amzn-sagemaker-inference-id',
  'x-amzn-sagemaker-session-id': 'x-amzn-sagemaker-session-id',
};

const RETURNED = {
  'content-type': 'X-Amzn-SageMaker-Content-Type',
  'x-amzn-sagemaker-custom-attributes': 'X-Amzn-SageMaker-Custom-Attributes',
};

/** Seen on re:Post. */
const TIMED_OUT = `Your model ${CONTAINER} did not complete sending the inference response in the allotted time.`;

const BROKEN_OFF = `The response stream of container ${CONTAINER} ended before it was complete.`;

const KIND: InvocationKind = {
  forwarded: FORWARDED,
  isCaptured: false,
  // The service's limit on a streamed answer: 8 minutes (developer guide).
  timeoutMs: 480_000,
  returned: (headers) => ({
    'Content-Type': 'application/vnd.amazon.eventstream',
    ...pick(headers, RETURNED),
  }),
  framing: {
    part: (chunk) => eventMessage('PayloadPart', chunk),
    broken: (timedOut) =>
      exceptionMessage('ModelStreamError', {
        Message: timedOut ? TIMED_OUT : BROKEN_OFF,
        ErrorCode: timedOut ? 'ModelInvocationTimeExceeded' : 'StreamBroken',
      }),
  },
};

/** Streams a request to a container and its answer back in event-stream messages. @throws ServiceError, as `invoke` says */
export function invokeEndpointWithResponseStream(
  input: InvocationInput,
  request: IncomingMessage,
  response: ServerResponse,
  context: RuntimeContext,
): Promise<void> {
  return invoke(KIND, input, request, response, context);
}
