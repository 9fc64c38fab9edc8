import type { IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import {
  InvokeEndpointCommand,
  type InvokeEndpointCommandInput,
  ModelError,
} from '@aws-sdk/client-sagemaker-runtime';
import { beforeEach, expect, test } from 'vitest';
import { ACCOUNT, REGION, refusal } from '../support/control-daemon.js';
import { useServed } from '../support/served.js';

const seen: { headers: IncomingHttpHeaders; path?: string; body?: string } = { headers: {} };
const container: Parameters<typeof useServed>[0] = { answer: () => undefined };
const served = useServed(container);

beforeEach(() => {
  container.answer = async (request, response) => {
    seen.headers = request.headers;
    seen.path = `${request.method} ${request.url}`;
    seen.body = await text(request);
    response.setHeader('content-type', 'text/csv').end(`got ${seen.body}`);
  };
});

const invoke = (input: Partial<InvokeEndpointCommandInput> = {}) =>
  served.runtime.send(new InvokeEndpointCommand({ EndpointName: 'e', Body: 'x', ...input }));

/** How the runtime refuses. */
const invalid = (message: string) => ({ code: 'ValidationError', status: 400, message });

test('A body goes to the container’s /invocations, and its answer comes back', async () => {
  const answer = await invoke({ Body: '1,2,3', ContentType: 'text/csv' });
  expect(answer.Body?.transformToString()).toBe('got 1,2,3');
  expect(answer).toMatchObject({ ContentType: 'text/csv', InvokedProductionVariant: 'AllTraffic' });
  expect(answer.$metadata.httpStatusCode).toBe(200);
  expect(answer.$metadata.requestId).toMatch(/^[0-9a-f-]{36}$/);
  expect(seen).toMatchObject({ path: 'POST /invocations', body: '1,2,3' });
});

test('The container sees the headers that SageMaker passes on, and no other', async () => {
  await invoke({
    ContentType: 'text/csv',
    Accept: 'application/json',
    CustomAttributes: 'trace=1',
    InferenceId: 'id-1',
    SessionId: 'session-1',
    EnableExplanations: 'true',
  });
  expect(Object.keys(seen.headers).sort()).toEqual([
    'accept',
    'connection',
    'content-length',
    'content-type',
    'host',
    'user-agent',
    'x-amzn-sagemaker-custom-attributes',
    'x-amzn-sagemaker-inference-id',
    'x-amzn-sagemaker-session-id',
  ]);
});

test('The client sees the headers that SageMaker passes back, and no other', async () => {
  container.answer = (_request, response) => {
    response.setHeader('x-amzn-sagemaker-custom-attributes', 'trace=2');
    response.setHeader('x-amzn-sagemaker-new-session-id', 'session-2');
    response.setHeader('x-mine', 'secret');
    response.setHeader('set-cookie', 'a=b');
    response.end('ok');
  };
  const response = await fetch(`${served.url}/endpoints/e/invocations`, { method: 'POST' });
  expect(Object.fromEntries(response.headers)).toEqual({
    connection: 'keep-alive',
    'content-length': '2',
    date: expect.any(String),
    'keep-alive': expect.any(String),
    'x-amzn-invoked-production-variant': 'AllTraffic',
    'x-amzn-requestid': expect.any(String),
    'x-amzn-sagemaker-custom-attributes': 'trace=2',
    'x-amzn-sagemaker-new-session-id': 'session-2',
  });
});

test.each([
  [400, 'client', 'CLIENT_ERROR_FROM_MODEL'],
  [500, 'server', 'INTERNAL_FAILURE_FROM_MODEL'],
])('A container’s %i is a ModelError with what it said', async (status, kind, ErrorCode) => {
  container.answer = (_request, response) => response.writeHead(status).end('it broke');
  const error = await invoke().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ModelError);
  expect(error).toMatchObject({
    OriginalStatusCode: status,
    OriginalMessage: 'it broke',
    LogStreamArn: `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/aws/sagemaker/Endpoints/e`,
    message: `Received ${kind} error (${status}) from primary with message "it broke". See https://${REGION}.console.aws.amazon.com/cloudwatch/home?region=${REGION}#logEventViewer:group=/aws/sagemaker/Endpoints/e in account ${ACCOUNT} for more information.`,
    $metadata: { httpStatusCode: 424 },
  });
  const raw = await fetch(`${served.url}/endpoints/e/invocations`, { method: 'POST' });
  expect(await raw.json()).toMatchObject({ ErrorCode });
});

test('A container that closes the connection is a ModelError with status 0', async () => {
  container.answer = (request) => request.socket.destroy();
  const error = await invoke().catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    name: 'ModelError',
    OriginalStatusCode: 0,
    message: expect.stringContaining('could not get a response from the e endpoint'),
  });
});

test('An error’s body that is too long to quote is left out', async () => {
  container.answer = (_request, response) => response.writeHead(500).end('e'.repeat(2_000_000));
  const { message } = await refusal(invoke());
  expect(message).toMatch(
    /^Received server error \(500\) from primary and could not load the entire response body\. See /,
  );
});

const refusals: [what: string, input: Partial<InvokeEndpointCommandInput>, message: string][] = [
  [
    'An endpoint that is not there',
    { EndpointName: 'nobody' },
    `Endpoint nobody of account ${ACCOUNT} not found.`,
  ],
  ['A variant that is not there', { TargetVariant: 'B' }, 'Variant B not found for endpoint e.'],
  [
    'A target model',
    { TargetModel: 'a.tar.gz' },
    'Endpoint e is not a multi-model endpoint and does not support target model header.',
  ],
  [
    'A target container',
    { TargetContainerHostname: 'c' },
    'Endpoint e is not a multi-container endpoint and does not support target container hostname header.',
  ],
  [
    'An inference component',
    { InferenceComponentName: 'ic' },
    'Inference Component Name header is not allowed for endpoints to which you dont plan to deploy inference components. Please remove the Inference Component Name header and try again.',
  ],
  [
    'An endpoint name that breaks the pattern',
    { EndpointName: 'no_underscores' },
    "1 validation error detected: Value 'no_underscores' at 'endpointName' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-zA-Z0-9](-*[a-zA-Z0-9])*",
  ],
  [
    'A body of more than 25 MB',
    { Body: Buffer.alloc(25 * 1024 * 1024 + 1) },
    "1 validation error detected: Value at 'body' failed to satisfy constraint: Member must have length less than or equal to 26214400",
  ],
];

test.each(refusals)('%s is refused', async (_what, input, message) => {
  expect(await refusal(invoke(input))).toEqual(invalid(message));
});

test('A variant that is asked for by name is asked, also when its weight is zero', async () => {
  expect(await refusal(invoke({ TargetVariant: 'Empty' }))).toMatchObject({ code: 'ModelError' });
  expect((await invoke({ TargetVariant: 'AllTraffic' })).InvokedProductionVariant).toBe(
    'AllTraffic',
  );
});

test('A serverless variant answers as many at a time as it may; one more is throttled', async () => {
  const route = served.routes.get('e');
  const [variant] = route?.variants ?? [];
  if (route === undefined || variant === undefined) throw new Error('The endpoint has no route.');
  served.routes.set({ ...route, variants: [{ ...variant, maxConcurrency: 1 }] });
  const held: { release: () => void } = { release: () => undefined };
  const arrived = new Promise<void>((resolve) => {
    container.answer = (_request, response) => {
      held.release = () => response.end('late');
      resolve();
    };
  });
  try {
    const first = invoke();
    await arrived;
    expect(await refusal(invoke())).toMatchObject({ code: 'ThrottlingException', status: 400 });
    held.release();
    expect((await first).Body?.transformToString()).toBe('late');
  } finally {
    served.routes.set(route);
  }
});
