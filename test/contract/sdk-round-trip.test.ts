import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import * as controlPlane from '@aws-sdk/client-sagemaker';
import * as runtimeSdk from '@aws-sdk/client-sagemaker-runtime';
import { afterEach, describe, expect, it } from 'vitest';
import { loadContract } from '../../src/contract/contract.js';
import { awsJsonError, restJsonError } from '../../src/contract/errors.js';
import { type Members, parseInput } from '../../src/contract/parse.js';
import { parseRestInput, restOutputHeaders } from '../../src/contract/rest-headers.js';
import { serializeOutput } from '../../src/contract/serialize.js';
import { validate, validationError } from '../../src/contract/validate.js';
import { ServiceError } from '../../src/errors.js';

const sagemaker = loadContract('sagemaker');
const runtime = loadContract('sagemaker-runtime');
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

/** What an SDK client needs to talk to a server that answers so. */
async function settingsFor(listener: RequestListener) {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 's' },
    maxAttempts: 1,
  };
}

/** A control plane whose every operation answers by `act`. */
async function controlPlaneClient(act: (input: Members) => Members) {
  const settings = await settingsFor(async (request, response) => {
    const operation = operationOf(request);
    try {
      const input = parseInput(sagemaker, operation, JSON.parse(await text(request)));
      const violations = validate(sagemaker, operation, input);
      if (violations.length > 0) throw validationError(violations);
      const body = serializeOutput(sagemaker, operation, act(input));
      response.writeHead(200, { 'Content-Type': 'application/x-amz-json-1.1' });
      response.end(body === undefined ? '' : JSON.stringify(body));
    } catch (error) {
      const answer = awsJsonError(sagemaker, error);
      response.writeHead(answer.statusCode, answer.headers).end(answer.body);
    }
  });
  return new controlPlane.SageMakerClient(settings);
}

function operationOf(request: IncomingMessage): string {
  return String(request.headers['x-amz-target']).replace(`${sagemaker.metadata.targetPrefix}.`, '');
}

/** A runtime whose InvokeEndpoint answers by `act`. */
async function runtimeClient(act: (input: Members, body: Buffer) => Members) {
  const settings = await settingsFor(async (request, response) => {
    const body = await buffer(request);
    try {
      const { url: path = '', headers } = request;
      const input = parseRestInput(runtime, 'InvokeEndpoint', { path, headers });
      const output = act(input, body);
      response.writeHead(200, restOutputHeaders(runtime, 'InvokeEndpoint', output)).end(body);
    } catch (error) {
      const answer = restJsonError(runtime, error);
      response.writeHead(answer.statusCode, answer.headers).end(answer.body);
    }
  });
  return new runtimeSdk.SageMakerRuntimeClient(settings);
}

describe('the JavaScript SDK and the contract', () => {
  it('understand each other’s times', async () => {
    const time = new Date('2018-06-24T19:59:29.986Z');
    const client = await controlPlaneClient(({ CreationTimeAfter }) => ({
      Models: [{ ModelName: 'm', ModelArn: 'arn', CreationTime: CreationTimeAfter }],
    }));
    const command = new controlPlane.ListModelsCommand({ CreationTimeAfter: time });
    expect((await client.send(command)).Models).toEqual([
      { ModelName: 'm', ModelArn: 'arn', CreationTime: time },
    ]);
  });

  it('agree on an answer without a body', async () => {
    const client = await controlPlaneClient(() => ({}));
    const { $metadata } = await client.send(
      new controlPlane.DeleteModelCommand({ ModelName: 'm' }),
    );
    expect($metadata.httpStatusCode).toBe(200);
  });

  it('agree on a validation error', async () => {
    const client = await controlPlaneClient(() => ({}));
    const command = new controlPlane.DescribeModelCommand({ ModelName: 'not_a_name' });
    await expect(client.send(command)).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining("Value 'not_a_name' at 'modelName'"),
    });
  });

  it('agree on an error that the model describes', async () => {
    const client = await controlPlaneClient(() => {
      throw new ServiceError('ResourceLimitExceeded', 400, 'Too many.');
    });
    const command = new controlPlane.CreateModelCommand({ ModelName: 'm' });
    await expect(client.send(command)).rejects.toMatchObject({
      name: 'ResourceLimitExceeded',
      message: 'Too many.',
    });
  });

  it('agree on the headers of an invocation, both ways', async () => {
    let seen: Members = {};
    const client = await runtimeClient((input) => {
      seen = input;
      return { ContentType: input.ContentType, InvokedProductionVariant: input.TargetVariant };
    });
    const input = {
      EndpointName: 'e',
      ContentType: 'text/csv',
      TargetVariant: 'v',
      InferenceId: 'i 1',
    };
    const { Body, ...output } = await client.send(
      new runtimeSdk.InvokeEndpointCommand({ ...input, Body: '1,2' }),
    );
    expect(seen).toEqual(input);
    expect(Body.transformToString()).toBe('1,2');
    expect(output).toMatchObject({ ContentType: 'text/csv', InvokedProductionVariant: 'v' });
  });

  it('agree on a ModelError', async () => {
    const client = await runtimeClient(() => {
      throw new ServiceError('ModelError', 424, 'Received client error (400)…', {
        OriginalStatusCode: 400,
        OriginalMessage: 'no',
      });
    });
    const command = new runtimeSdk.InvokeEndpointCommand({ EndpointName: 'e', Body: '' });
    await expect(client.send(command)).rejects.toMatchObject({
      name: 'ModelError',
      OriginalStatusCode: 400,
      OriginalMessage: 'no',
      $metadata: { httpStatusCode: 424 },
    });
  });
});
