import { describe, expect, it } from 'vitest';
import { loadContract } from '../../src/contract/contract.js';
import { serializeOutput } from '../../src/contract/serialize.js';

const sagemaker = loadContract('sagemaker');

describe('serializeOutput', () => {
  it('writes modelled members in the order of the model, times as seconds with milliseconds', () => {
    const output = {
      LastModifiedTime: new Date('2018-06-24T19:59:30.000Z'),
      CreationTime: new Date('2018-06-24T19:59:29.986Z'),
      EndpointStatus: 'InService',
      EndpointName: 'e',
      ours: 'private',
      FailureReason: undefined,
      DataCaptureConfig: null,
      ProductionVariants: [{ CurrentWeight: 0, VariantName: 'v', secret: 1 }],
    };
    expect(JSON.stringify(serializeOutput(sagemaker, 'DescribeEndpoint', output))).toBe(
      '{"EndpointName":"e","ProductionVariants":[{"VariantName":"v","CurrentWeight":0}],' +
        '"EndpointStatus":"InService","CreationTime":1529870369.986,"LastModifiedTime":1529870370}',
    );
  });

  it('keeps every entry of a map, whatever its key', () => {
    const Environment = JSON.parse('{"__proto__":"p","B":"b","GONE":null}');
    const body = serializeOutput(sagemaker, 'DescribeModel', { PrimaryContainer: { Environment } });
    expect(JSON.stringify(body)).toBe(
      '{"PrimaryContainer":{"Environment":{"__proto__":"p","B":"b"}}}',
    );
  });

  it('gives no body for an operation without output, and {} for an empty output', () => {
    expect(serializeOutput(sagemaker, 'DeleteModel', {})).toBeUndefined();
    expect(serializeOutput(sagemaker, 'DeleteTags', {})).toEqual({});
  });

  it('leaves out what travels in headers, and the whole body when the payload is it', () => {
    const runtime = loadContract('sagemaker-runtime');
    const output = { InferenceId: 'i', OutputLocation: 's3://b/o' };
    expect(serializeOutput(runtime, 'InvokeEndpointAsync', output)).toEqual({ InferenceId: 'i' });
    expect(serializeOutput(runtime, 'InvokeEndpoint', { ContentType: 'a/b' })).toBeUndefined();
  });
});
