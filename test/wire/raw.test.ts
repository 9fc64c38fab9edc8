import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { ACCOUNT } from '../support/control-daemon.js';
import { useServed } from '../support/served.js';

const served = useServed({
  answer: async (request, response) => response.end(`got ${await text(request)}`),
});

/** A control plane request as an SDK would never send it. */
function call(target: string, body: string | Buffer = '{}', headers: Record<string, string> = {}) {
  const all = { 'x-amz-target': target, 'content-type': 'application/x-amz-json-1.1', ...headers };
  return fetch(served.url, { method: 'POST', body, headers: all });
}

async function errorOf(response: Response) {
  const body = (await response.json()) as { __type?: string; message?: string; Message?: string };
  return { status: response.status, code: body.__type, message: body.message ?? body.Message };
}

const signed = (keyId: string, region: string, service = 'sagemaker') =>
  `AWS4-HMAC-SHA256 Credential=${keyId}/20260101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0`;

test('An operation that AWS does not have is unknown', async () => {
  const response = await call('SageMaker.MakeCoffee');
  expect(response.headers.get('content-type')).toBe('application/x-amz-json-1.1');
  expect(response.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
  expect(await errorOf(response)).toMatchObject({ status: 404, code: 'UnknownOperationException' });
});

test('An operation that AWS has and smlocal has not says so by name', async () => {
  expect(await errorOf(await call('SageMaker.CreateTrainingJob'))).toEqual({
    status: 400,
    code: 'UnsupportedOperation',
    message:
      'smlocal does not serve the SageMaker operation CreateTrainingJob. docs/fidelity.md lists what it serves.',
  });
});

test.each(['__proto__', 'constructor', '', 'hasOwnProperty'])(
  'An operation called %j is no way in',
  async (name) => {
    expect((await call(`SageMaker.${name}`)).status).toBe(404);
  },
);

test.each(['{', '{"ModelName":}', 'hello', '\u0000', '{"a":1}{"b":2}'])(
  'A body that is not JSON is refused: %j',
  async (body) => {
    const refused = await errorOf(await call('SageMaker.DescribeModel', body));
    expect(refused).toMatchObject({ status: 400, code: 'SerializationException' });
  },
);

test.each(['[]', '"text"', '1', 'true'])(
  'A body that is no object is refused: %s',
  async (body) => {
    const refused = await errorOf(await call('SageMaker.DescribeModel', body));
    expect(refused).toMatchObject({ status: 400, code: 'SerializationException' });
  },
);

test('No body at all is an empty input', async () => {
  expect(await errorOf(await call('SageMaker.DescribeModel', ''))).toEqual({
    status: 400,
    code: 'ValidationException',
    message:
      "1 validation error detected: Value null at 'modelName' failed to satisfy constraint: Member must not be null",
  });
  expect((await call('SageMaker.ListModels', '')).status).toBe(200);
});

test('A member of the wrong type is refused in the framework’s words', async () => {
  expect(await errorOf(await call('SageMaker.ListModels', '{"MaxResults":"ten"}'))).toEqual({
    status: 400,
    code: 'SerializationException',
    message: 'STRING_VALUE can not be converted to an Integer',
  });
});

test('A control plane body that is far too large is refused, and the connection goes on', async () => {
  const body = Buffer.alloc(8 * 1024 * 1024, ' ');
  expect(await errorOf(await call('SageMaker.ListModels', body))).toMatchObject({
    status: 413,
    code: 'RequestEntityTooLargeException',
  });
});

test('The region and account of an ARN come from the signature’s credential scope', async () => {
  const describe = async (keyId: string, region: string) => {
    const headers = { authorization: signed(keyId, region) };
    const response = await call('SageMaker.DescribeModel', '{"ModelName":"M"}', headers);
    return (await errorOf(response)).message;
  };
  expect(await describe('AKID', 'ap-southeast-2')).toBe(
    `Could not find model "arn:aws:sagemaker:ap-southeast-2:${ACCOUNT}:model/m".`,
  );
  expect(await describe('123456789012', 'cn-north-1')).toBe(
    'Could not find model "arn:aws-cn:sagemaker:cn-north-1:123456789012:model/m".',
  );
  expect(await describe('AKID', 'us-gov-west-1')).toContain('"arn:aws-us-gov:sagemaker:');
});

test('A request for another service is told what smlocal is', async () => {
  const headers = { authorization: signed('AKID', 'us-east-1', 'dynamodb') };
  const response = await call('DynamoDB_20120810.ListTables', '{}', headers);
  expect(response.headers.get('x-amzn-errortype')).toBe('UnknownOperationException');
  expect((await errorOf(response)).message).toMatch(/does not serve this \(dynamodb\)/);
});

test.each(['GET', 'PUT', 'DELETE'])('%s on invocations is refused', async (method) => {
  const response = await fetch(`${served.url}/endpoints/e/invocations`, { method });
  expect(response.status).toBe(400);
  expect(response.headers.get('x-amzn-errortype')).toBe('ValidationError');
  expect(await response.json()).toEqual({ Message: `InvokeEndpoint is a POST, not a ${method}.` });
});

test.each([['async-invocations', 'InvokeEndpointAsync']])(
  '%s is refused by its operation’s name',
  async (path, operation) => {
    const response = await fetch(`${served.url}/endpoints/e/${path}`, { method: 'POST' });
    expect(await response.json()).toEqual({
      Message: `smlocal does not serve ${operation}. docs/fidelity.md lists what it serves.`,
    });
  },
);

test.each(['/endpoints/e', '/endpoints//invocations', '/endpoints/e/f/invocations', '/x'])(
  'The path %s is nobody’s',
  async (path) => {
    expect((await fetch(served.url + path, { method: 'POST' })).status).toBe(404);
  },
);

test('A path that cannot be decoded is refused', async () => {
  const response = await fetch(`${served.url}/endpoints/%ff/invocations`, { method: 'POST' });
  expect(response.status).toBe(400);
});

test('A query after the path changes nothing', async () => {
  const response = await fetch(`${served.url}/endpoints/e/invocations?a=b`, {
    method: 'POST',
    body: 'x',
  });
  expect(await response.text()).toBe('got x');
});

test('Requests that are sent without waiting are answered in their order', async () => {
  const socket = connect(served.port, '127.0.0.1');
  const invocation = (body: string, more = '') =>
    `POST /endpoints/e/invocations HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${body.length}\r\n${more}\r\n${body}`;
  const list = '{}';
  socket.write(
    invocation('first') +
      `POST / HTTP/1.1\r\nhost: localhost\r\nx-amz-target: SageMaker.ListModels\r\ncontent-length: ${list.length}\r\n\r\n${list}` +
      invocation('last', 'connection: close\r\n'),
  );
  const answers = await text(socket);
  const places = ['got first', '{"Models":[]}', 'got last'].map((part) => answers.indexOf(part));
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(places).not.toContain(-1);
});

test('A client that goes away within its request harms nobody', async () => {
  const socket = connect(served.port, '127.0.0.1');
  socket.write('POST / HTTP/1.1\r\nhost: localhost\r\nx-amz-target: SageMaker.ListModels\r\n');
  socket.end('content-length: 100\r\n\r\n{"half');
  socket.resume();
  await once(socket, 'close');
  expect((await call('SageMaker.ListModels')).status).toBe(200);
});

test('What is not HTTP is refused', async () => {
  const socket = connect(served.port, '127.0.0.1');
  socket.write('\u0016\u0003\u0001\u0002\u0000\r\n\r\n');
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 /);
});

test('smlocal’s own paths are the admin API’s', async () => {
  expect(await (await fetch(`${served.url}/_smlocal/status`)).text()).toBe('admin');
});

test('What is asked for and not served is counted by name; what AWS has not is not', async () => {
  const before = served.unserved.counts().CreateProcessingJob ?? 0;
  await call('SageMaker.CreateProcessingJob');
  await call('SageMaker.CreateProcessingJob');
  await call('SageMaker.MakeTea');
  expect(served.unserved.counts()).toMatchObject({ CreateProcessingJob: before + 2 });
  expect(served.unserved.counts()).not.toHaveProperty('MakeTea');
});
