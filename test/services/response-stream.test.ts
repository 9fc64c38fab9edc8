import type { IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import {
  InvokeEndpointWithResponseStreamCommand,
  type InvokeEndpointWithResponseStreamCommandInput,
  ModelStreamError,
} from '@aws-sdk/client-sagemaker-runtime';
import { expect, test } from 'vitest';
import { passed } from '../clients/matrix.js';
import { ACCOUNT, refusal } from '../support/control-daemon.js';
import { useServed } from '../support/served.js';

const container: Parameters<typeof useServed>[0] = { answer: () => undefined };
const served = useServed(container);

const start = (input: Partial<InvokeEndpointWithResponseStreamCommandInput> = {}) =>
  served.runtime.send(
    new InvokeEndpointWithResponseStreamCommand({ EndpointName: 'e', Body: 'x', ...input }),
  );

type Answer = Awaited<ReturnType<typeof start>>;

async function* partsOf({ Body }: Answer) {
  for await (const { PayloadPart } of Body ?? [])
    yield Buffer.from(PayloadPart?.Bytes ?? []).toString();
}

test('What the container sends reaches the client as it comes, part by part', async () => {
  const go: { on: () => void } = { on: () => undefined };
  container.answer = (_request, response) => {
    response.setHeader('content-type', 'application/jsonlines').write('one\n');
    go.on = () => response.end('two\n');
  };
  const answer = await start();
  expect(answer).toMatchObject({
    ContentType: 'application/jsonlines',
    InvokedProductionVariant: 'AllTraffic',
  });
  expect(answer.$metadata.httpStatusCode).toBe(200);
  const parts = partsOf(answer);
  // The container has not sent the second part when the first is here.
  expect((await parts.next()).value).toBe('one\n');
  go.on();
  expect((await parts.next()).value).toBe('two\n');
  expect((await parts.next()).done).toBe(true);
});

test('A large answer comes whole', async () => {
  const large = 'abcdefgh'.repeat(500_000);
  container.answer = (_request, response) => response.end(large);
  let all = '';
  for await (const part of partsOf(await start())) all += part;
  expect(all === large).toBe(true);
  passed('AWS SDK for JavaScript v3', ['stream']);
});

test('The container sees the Accept that travels under another name, and the body', async () => {
  const seen: { headers?: IncomingHttpHeaders; body?: string } = {};
  container.answer = async (request, response) => {
    seen.headers = request.headers;
    seen.body = await text(request);
    response.end();
  };
  const answer = await start({
    Body: '1,2',
    ContentType: 'text/csv',
    Accept: 'application/jsonlines',
    CustomAttributes: 'trace=1',
  });
  for await (const _part of partsOf(answer)) expect.fail('There is no part in an empty answer.');
  expect(seen.body).toBe('1,2');
  expect(seen.headers).toMatchObject({
    accept: 'application/jsonlines',
    'content-type': 'text/csv',
    'x-amzn-sagemaker-custom-attributes': 'trace=1',
  });
  expect(seen.headers).not.toHaveProperty('x-amzn-sagemaker-accept');
});

test('An answer that breaks off ends with a ModelStreamError, after what was sent', async () => {
  container.answer = (_request, response) => {
    response.write('half', () => response.destroy());
  };
  const parts = partsOf(await start());
  expect((await parts.next()).value).toBe('half');
  const error = await parts.next().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ModelStreamError);
  expect(error).toMatchObject({ ErrorCode: 'StreamBroken' });
});

test('A container that refuses is an ordinary ModelError', async () => {
  container.answer = (_request, response) => response.writeHead(500).end('no');
  const { code, status, message } = await refusal(start());
  expect({ code, status }).toEqual({ code: 'ModelError', status: 424 });
  expect(message).toMatch(/^Received server error \(500\) from primary with message "no"\. See /);
});

test('An endpoint that is not there is refused as by InvokeEndpoint', async () => {
  expect(await refusal(start({ EndpointName: 'nobody' }))).toEqual({
    code: 'ValidationError',
    status: 400,
    message: `Endpoint nobody of account ${ACCOUNT} not found.`,
  });
});

test('A client that goes away ends the call to the container', async () => {
  const gone = new Promise<void>((resolve) => {
    container.answer = (_request, response) => {
      response.once('close', () => resolve());
      response.write('first');
    };
  });
  const leaving = new AbortController();
  const answer = await fetch(`${served.url}/endpoints/e/invocations-response-stream`, {
    method: 'POST',
    signal: leaving.signal,
  });
  await answer.body?.getReader().read();
  leaving.abort();
  await gone;
});
