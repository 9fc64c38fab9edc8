import { describe, expect, it } from 'vitest';
import { loadContract } from '../../src/contract/contract.js';
import { parseRestInput, restOutputHeaders } from '../../src/contract/rest-headers.js';
import { validate } from '../../src/contract/validate.js';

const runtime = loadContract('sagemaker-runtime');
const ASYNC = '/endpoints/e/async-invocations';

describe('parseRestInput', () => {
  it('takes members from the path and from the headers that the operation names', () => {
    const headers = {
      host: 'localhost',
      'content-type': 'text/csv',
      accept: '*/*',
      'x-amzn-sagemaker-target-variant': 'v',
      'x-amzn-sagemaker-session-id': 'NEW_SESSION',
      'x-amzn-sagemaker-accept': 'not of this operation',
    };
    const path = '/endpoints/my-endpoint/invocations?x=/y';
    expect(parseRestInput(runtime, 'InvokeEndpoint', { path, headers })).toEqual({
      EndpointName: 'my-endpoint',
      ContentType: 'text/csv',
      Accept: '*/*',
      TargetVariant: 'v',
      SessionId: 'NEW_SESSION',
    });
  });

  it('tells an absent header from an empty one', () => {
    const path = '/endpoints/e/invocations';
    const headers = { 'x-amzn-sagemaker-inference-id': '' };
    const input = parseRestInput(runtime, 'InvokeEndpoint', { path, headers });
    expect(input).toEqual({ EndpointName: 'e', InferenceId: '' });
    expect(validate(runtime, 'InvokeEndpoint', input).map(({ path }) => path)).toContain(
      'inferenceId',
    );
  });

  it('reads numbers, and validate bounds them', () => {
    const read = (ttl: string) =>
      parseRestInput(runtime, 'InvokeEndpointAsync', {
        path: ASYNC,
        headers: {
          'x-amzn-sagemaker-inputlocation': 's3://b/k',
          'x-amzn-sagemaker-requestttlseconds': ttl,
        },
      });
    expect(read('60')).toMatchObject({ RequestTTLSeconds: 60 });
    expect(validate(runtime, 'InvokeEndpointAsync', read('60'))).toEqual([]);
    expect(validate(runtime, 'InvokeEndpointAsync', read('59'))).toEqual([
      {
        path: 'requestTTLSeconds',
        value: '59',
        constraint: 'Member must have value greater than or equal to 60',
      },
    ]);
    for (const bad of ['soon', '', '1e3', '6.5', '99999999999']) {
      expect(() => read(bad)).toThrow('can not be converted to an Integer');
    }
  });

  it('asks for a required header', () => {
    const input = parseRestInput(runtime, 'InvokeEndpointAsync', { path: ASYNC, headers: {} });
    expect(validate(runtime, 'InvokeEndpointAsync', input)).toEqual([
      { path: 'inputLocation', value: null, constraint: 'Member must not be null' },
    ]);
  });

  it('decodes the path, and refuses one that cannot be', () => {
    const read = (name: string) =>
      parseRestInput(runtime, 'InvokeEndpoint', {
        path: `/endpoints/${name}/invocations`,
        headers: {},
      });
    expect(read('a%2Fb')).toEqual({ EndpointName: 'a/b' });
    expect(read('')).toEqual({ EndpointName: '' });
    expect(validate(runtime, 'InvokeEndpoint', read('a%2Fb'))).toHaveLength(1);
    expect(() => read('%zz')).toThrow('invalid percent-encoding');
  });
});

describe('restOutputHeaders', () => {
  it('writes the set members that travel in headers under the names of the model', () => {
    const output = {
      Body: 'not a header',
      ContentType: 'application/json',
      InvokedProductionVariant: 'v',
      CustomAttributes: undefined,
      ours: 'x',
    };
    expect(restOutputHeaders(runtime, 'InvokeEndpoint', output)).toEqual({
      'Content-Type': 'application/json',
      'x-Amzn-Invoked-Production-Variant': 'v',
    });
    expect(
      restOutputHeaders(runtime, 'InvokeEndpointWithResponseStream', { ContentType: 'a/b' }),
    ).toEqual({ 'X-Amzn-SageMaker-Content-Type': 'a/b' });
  });
});
