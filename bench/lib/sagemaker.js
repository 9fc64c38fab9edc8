import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/*
 * A small client of its own: an SDK's work for each DescribeEndpoint, every few milliseconds, would take the processor
 * from the container that is waited for.
 */

/**
 * The wait between two looks at an endpoint; the error of what is measured by them. Looks every 5 ms took 200 ms from a
 * TorchServe that was starting on two processors.
 */
const POLL_MS = 20;

const agent = new Agent({ keepAlive: true });

/** Closes connections that were kept for the next call, before open ones are counted. */
export function closeConnections() {
  agent.destroy();
}

/** By its scope moto tells one service from another. */
const AUTHORIZATION = `AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sagemaker/aws4_request, SignedHeaders=host;x-amz-date, Signature=${'0'.repeat(64)}`;

/**
 * One operation of the control plane.
 * @param {string} url
 * @param {string} operation
 * @param {object} input
 */
export async function call(url, operation, input) {
  const headers = {
    authorization: AUTHORIZATION,
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': `SageMaker.${operation}`,
  };
  const answer = await post(url, '/', headers, Buffer.from(JSON.stringify(input)));
  const text = answer.body.toString('utf8');
  if (answer.status !== 200) throw new Error(`${operation}: ${text}`);
  return text === '' ? {} : JSON.parse(text);
}

/**
 * InvokeEndpoint, its answer read and thrown away.
 * @param {string} url
 * @param {string} endpointName
 * @param {Buffer} body
 * @returns {Promise<number>} the answer's length in bytes
 */
export async function invoke(url, endpointName, body) {
  const path = `/endpoints/${endpointName}/invocations`;
  const answer = await post(url, path, { 'content-type': 'application/octet-stream' }, body, false);
  if (answer.status !== 200) throw new Error(`InvokeEndpoint answered ${answer.status}`);
  return answer.length;
}

/**
 * Makes a model, a config and an endpoint of one instance of this name, and waits until it is in service.
 * @param {string} url
 * @param {string} name
 * @param {{ image: string, modelDataUrl?: string }} what
 * @returns {Promise<number>} milliseconds from the CreateEndpoint call to `InService`
 */
export async function createEndpoint(url, name, { image, modelDataUrl }) {
  const PrimaryContainer = { Image: image, ModelDataUrl: modelDataUrl };
  await call(url, 'CreateModel', { ModelName: name, PrimaryContainer });
  const variant = { VariantName: 'AllTraffic', ModelName: name, InstanceType: 'ml.m5.xlarge' };
  await call(url, 'CreateEndpointConfig', {
    EndpointConfigName: name,
    ProductionVariants: [{ ...variant, InitialInstanceCount: 1 }],
  });
  const from = performance.now();
  await call(url, 'CreateEndpoint', { EndpointName: name, EndpointConfigName: name });
  await whenInService(url, name);
  return performance.now() - from;
}

/**
 * Waits for an endpoint, which may not have been asked for yet.
 * @param {string} url
 * @param {string} name
 * @param {number} pollMs between two looks
 */
export async function whenInService(url, name, pollMs = POLL_MS) {
  for (;;) {
    const { EndpointStatus, FailureReason } = await describe(url, name);
    if (EndpointStatus === 'InService') return;
    if (EndpointStatus === 'Failed') throw new Error(`${name}: ${FailureReason}`);
    await delay(pollMs);
  }
}

/** @param {string} url @param {string} name */
async function describe(url, name) {
  try {
    return await call(url, 'DescribeEndpoint', { EndpointName: name });
  } catch (error) {
    if (String(error).includes('Could not find endpoint')) return {};
    throw error;
  }
}

/**
 * Deletes the three again, and waits until the container is gone.
 * @param {string} url
 * @param {string} name
 */
export async function deleteEndpoint(url, name) {
  await call(url, 'DeleteEndpoint', { EndpointName: name });
  while ((await call(url, 'ListEndpoints', { NameContains: name })).Endpoints.length > 0) {
    await delay(50);
  }
  await call(url, 'DeleteEndpointConfig', { EndpointConfigName: name });
  await call(url, 'DeleteModel', { ModelName: name });
}

/**
 * @param {string} url
 * @param {string} path
 * @param {Record<string, string>} headers
 * @param {Buffer} body
 * @param {boolean} keepBody whether the answer's body is wanted, too
 * @returns {Promise<{ status: number, body: Buffer, length: number }>}
 */
export function post(url, path, headers, body, keepBody = true) {
  return new Promise((resolve, reject) => {
    const sent = request(
      `${url}${path}`,
      { method: 'POST', agent, headers: { ...headers, 'content-length': body.length } },
      (response) => {
        /** @type {Buffer[]} */
        const chunks = [];
        let length = 0;
        response.on('data', (chunk) => {
          length += chunk.length;
          if (keepBody) chunks.push(chunk);
        });
        response.once('error', reject);
        response.once('end', () =>
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks), length }),
        );
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}
