import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { ListModelsCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { InvokeEndpointCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { SignatureV4 } from '@smithy/signature-v4';
import { expect, test } from 'vitest';
import { useServed } from '../support/served.js';
import { useGuarded } from './guarded.js';

const ID = 'AKIDEXAMPLE';
const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const REGION = 'us-east-1';

const accessKeys = { [ID]: SECRET };
const served = useServed(
  { answer: (request, response) => void request.pipe(response) },
  { accessKeys },
);
const guarded = useGuarded({ accessKeys });

class Sha256 {
  readonly #hash;
  constructor(secret?: unknown) {
    this.#hash =
      secret === undefined ? createHash('sha256') : createHmac('sha256', secret as never);
  }
  update(data: Uint8Array) {
    this.#hash.update(data);
  }
  async digest() {
    return new Uint8Array(this.#hash.digest());
  }
  reset() {}
}

interface Sending {
  service?: string;
  method?: string;
  path?: string;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  body?: string;
  id?: string;
  secret?: string;
  at?: Date;
  /** Signs the query, for so many seconds. */
  presigned?: number;
}

/** Signs a request as an SDK does; `change` alters what is then sent. */
async function send(
  sending: Sending,
  change: (sent: {
    path: string;
    headers: Record<string, string>;
    body: string;
  }) => unknown = () => {},
) {
  const { service = 'sagemaker', body = '', at = new Date(), presigned } = sending;
  const signer = new SignatureV4({
    ...{ service, region: REGION, sha256: Sha256 as never, uriEscapePath: service !== 's3' },
    credentials: { accessKeyId: sending.id ?? ID, secretAccessKey: sending.secret ?? SECRET },
  });
  const request = {
    ...{ protocol: 'http:', hostname: '127.0.0.1', port: guarded.port },
    ...{ method: sending.method ?? 'POST', path: sending.path ?? '/', query: sending.query ?? {} },
    headers: { host: `127.0.0.1:${guarded.port}`, ...sending.headers },
    body: body === '' ? undefined : body,
  };
  const signed =
    presigned === undefined
      ? await signer.sign(request, { signingDate: at })
      : await signer.presign(
          {
            ...request,
            headers: { ...request.headers, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
          },
          { signingDate: at, expiresIn: presigned },
        );
  const search = new URLSearchParams(signed.query as Record<string, string>)
    .toString()
    .replaceAll('+', '%20');
  const sent = {
    path: signed.path + (search && `?${search}`),
    headers: { ...signed.headers },
    body,
  };
  change(sent);
  delete sent.headers.host; // fetch writes the same one itself.
  const init = {
    method: request.method,
    headers: sent.headers,
    ...(sent.body && { body: sent.body }),
  };
  const response = await fetch(`http://127.0.0.1:${guarded.port}${sent.path}`, init);
  return {
    status: response.status,
    type: response.headers.get('x-amzn-errortype'),
    text: await response.text(),
  };
}

const target = {
  'x-amz-target': 'SageMaker.ListModels',
  'content-type': 'application/x-amz-json-1.1',
};
const form = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000);

test('The SDK’s own clients are let in with the right key, bodies and all', async () => {
  const settings = { endpoint: served.url, region: REGION, maxAttempts: 1 };
  const credentials = { accessKeyId: ID, secretAccessKey: SECRET, sessionToken: 'token/+=' };
  const control = new SageMakerClient({ ...settings, credentials });
  const runtime = new SageMakerRuntimeClient({ ...settings, credentials });
  expect((await control.send(new ListModelsCommand({ NameContains: 'a' }))).Models).toEqual([]);
  const Body = Buffer.alloc(300_000, 'a');
  const input = { EndpointName: 'e', Body, CustomAttributes: 'a  b', ContentType: 'text/plain' };
  const answer = await runtime.send(new InvokeEndpointCommand(input));
  expect(Buffer.from(answer.Body).equals(Body)).toBe(true);
  control.destroy();
  runtime.destroy();
});

test.each([
  ['a wrong secret', { accessKeyId: ID, secretAccessKey: 'x' }, 'InvalidSignatureException'],
  ['an unknown key', { accessKeyId: 'x', secretAccessKey: SECRET }, 'UnrecognizedClientException'],
  [
    'a key called as a property of objects',
    { accessKeyId: 'constructor', secretAccessKey: SECRET },
    'UnrecognizedClientException',
  ],
])('The SDK sees %s refused as AWS refuses it', async (_what, credentials, code) => {
  const settings = { endpoint: served.url, region: REGION, maxAttempts: 1, credentials };
  const control = new SageMakerClient(settings);
  const runtime = new SageMakerRuntimeClient(settings);
  const refused = { name: code, $metadata: { httpStatusCode: 403 } };
  await expect(control.send(new ListModelsCommand({}))).rejects.toMatchObject(refused);
  await expect(
    runtime.send(new InvokeEndpointCommand({ EndpointName: 'e', Body: 'x' })),
  ).rejects.toMatchObject(refused);
  control.destroy();
  runtime.destroy();
});

test.each([
  ['AWS JSON', { headers: target, body: '{}' }],
  ['the query protocol', { service: 'sts', headers: form, body: 'Action=GetCallerIdentity' }],
  [
    'S3, a path that needs encoding',
    { service: 's3', method: 'PUT', path: '/b/a%20b/%C3%A9%27%28%2B~', body: 'data' },
  ],
  [
    'S3, a query',
    {
      service: 's3',
      method: 'GET',
      path: '/b',
      query: { 'list-type': '2', prefix: 'a/ b&=é', uploads: '' },
    },
  ],
  ['S3, presigned', { service: 's3', method: 'GET', path: '/b/key', presigned: 60 }],
  [
    'S3, an unsigned body',
    {
      service: 's3',
      method: 'PUT',
      path: '/b/k',
      headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
      body: 'data',
    },
  ],
  [
    'S3, a body in chunks with a trailer',
    {
      service: 's3',
      method: 'PUT',
      path: '/b/k',
      headers: { 'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER' },
      body: 'data',
    },
  ],
  ['a path with two slashes', { path: '/a//b', headers: target }],
] as const)('What is signed rightly is let in: %s', async (_what, sending: Sending) => {
  expect(await send(sending)).toMatchObject({ status: 200, text: `got ${sending.body ?? ''}` });
});

test.each([
  ['JSON', { headers: target }, 'InvalidSignatureException'],
  ['runtime', { path: '/endpoints/e/invocations' }, 'InvalidSignatureException'],
  ['query', { service: 'sts', headers: form, body: 'Action=X' }, 'SignatureDoesNotMatch'],
  ['S3', { service: 's3', method: 'GET', path: '/b/k' }, 'SignatureDoesNotMatch'],
  [
    'S3, presigned',
    { service: 's3', method: 'GET', path: '/b/k', presigned: 60 },
    'SignatureDoesNotMatch',
  ],
] as const)(
  'A wrong secret is refused in the words of the service: %s',
  async (_what, sending: Sending, code) => {
    const refused = await send({ ...sending, secret: 'wrong' });
    expect(refused.status).toBe(403);
    expect(refused.type ?? refused.text).toContain(code);
  },
);

test.each([
  ['JSON', { headers: target }, 'UnrecognizedClientException'],
  ['query', { service: 'sts', headers: form, body: 'Action=X' }, 'InvalidClientTokenId'],
  ['S3', { service: 's3', method: 'GET', path: '/b/k' }, 'InvalidAccessKeyId'],
] as const)(
  'An unknown key is refused in the words of the service: %s',
  async (_what, sending: Sending, code) => {
    const refused = await send({ ...sending, id: 'AKIAUNKNOWN' });
    expect(refused.status).toBe(403);
    expect(refused.text + refused.type).toContain(code);
  },
);

test.each([
  [
    'its body',
    { headers: target, body: '{"a":1}' },
    (sent) => Object.assign(sent, { body: '{"a":2}' }),
  ],
  ['its path', { headers: target }, (sent) => Object.assign(sent, { path: '/other' })],
  [
    'its target',
    { headers: target },
    (sent) => Object.assign(sent.headers, { 'x-amz-target': 'SageMaker.DeleteModel' }),
  ],
  [
    'a header of AWS’s that was added',
    { headers: target },
    (sent) => Object.assign(sent.headers, { 'x-amz-extra': '1' }),
  ],
  [
    'its query',
    { service: 's3', method: 'GET', path: '/b', query: { prefix: 'a' } },
    (sent) => Object.assign(sent, { path: sent.path.replace('prefix=a', 'prefix=b') }),
  ],
  [
    'the time of a presigned URL',
    { service: 's3', method: 'GET', presigned: 60 },
    (sent) => Object.assign(sent, { path: sent.path.replace('Expires=60', 'Expires=600') }),
  ],
  [
    'an escape that is none',
    { service: 's3', method: 'GET', path: '/b' },
    (sent) => Object.assign(sent, { path: '/b/%zz' }),
  ],
] as readonly [string, Sending, Parameters<typeof send>[1]][])(
  'What is changed after it was signed is refused: %s',
  async (_what, sending, change) => {
    expect(await send(sending, change)).toMatchObject({ status: 403 });
  },
);

test('A body of S3’s that is not what was signed fails at its end, and is never whole', async () => {
  const sending = { service: 's3', method: 'PUT', path: '/b/k', body: 'data' };
  const refused = await send(sending, (sent) => Object.assign(sent, { body: 'daTa' }));
  expect(refused).toMatchObject({ status: 400, text: 'XAmzContentSHA256Mismatch' });
});

test('A request that is answered before its signed body is read harms nobody', async () => {
  const headers = { 'x-unread': '1' };
  const sending = {
    service: 's3',
    method: 'PUT',
    path: '/b/k',
    headers,
    body: 'd'.repeat(2_000_000),
  };
  expect(await send(sending)).toMatchObject({ status: 404, text: 'unread' });
  expect(await send({ headers: target })).toMatchObject({ status: 200 });
});

test('A client that goes away within a signed body harms nobody', async () => {
  const signed: string[] = [];
  await send({ service: 's3', method: 'PUT', path: '/b/k', body: 'data' }, ({ path, headers }) => {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    signed.push(`PUT ${path} HTTP/1.1`, ...lines, 'content-length: 4');
  });
  const socket = connect(guarded.port, '127.0.0.1');
  socket.end(`${signed.join('\r\n')}\r\n\r\nda`);
  socket.resume();
  await once(socket, 'close');
  expect(await send({ headers: target })).toMatchObject({ status: 200 });
});

test('A signature lasts 15 minutes, either way, and a presigned URL as long as it says', async () => {
  expect((await send({ headers: target, at: ago(14) })).status).toBe(200);
  expect((await send({ headers: target, at: ago(-14) })).status).toBe(200);
  expect(await send({ headers: target, at: ago(16) })).toMatchObject({
    status: 403,
    type: 'InvalidSignatureException',
  });
  expect(await send({ headers: target, at: ago(-16) })).toMatchObject({
    status: 403,
    type: 'InvalidSignatureException',
  });
  const url = { service: 's3', method: 'GET', path: '/b/k' };
  expect((await send({ ...url, at: ago(30), presigned: 3600 })).status).toBe(200);
  expect((await send({ ...url, at: ago(90), presigned: 3600 })).text).toContain(
    'Request has expired',
  );
  expect((await send({ ...url, at: ago(30) })).text).toContain('RequestTimeTooSkewed');
});

test('A signature for another service is none for SageMaker', async () => {
  expect(await send({ service: 's3', headers: target })).toMatchObject({ status: 403 });
  const unsigned = { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
  expect(await send({ headers: { ...target, ...unsigned }, body: '{}' })).toMatchObject({
    status: 403,
  });
});

test.each([
  ['nothing', undefined, 403, 'MissingAuthenticationTokenException'],
  ['another scheme', 'Basic eDp5', 403, 'IncompleteSignatureException'],
  [
    'half a signature',
    `AWS4-HMAC-SHA256 Credential=${ID}/20260101/us-east-1/sagemaker/aws4_request`,
    403,
    'IncompleteSignatureException',
  ],
])('A request with %s is refused', async (_what, authorization, status, code) => {
  const headers: Record<string, string> = { ...target, ...(authorization && { authorization }) };
  const response = await fetch(served.url, { method: 'POST', headers, body: '{}' });
  expect(response.status).toBe(status);
  expect(((await response.json()) as { __type: string }).__type).toBe(code);
});

test('The admin API asks for no signature: it has its token', async () => {
  expect(await (await fetch(`${served.url}/_smlocal/status`)).text()).toBe('admin');
});
