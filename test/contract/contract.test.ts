import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { loadContract } from '../../src/contract/contract.js';
import { models } from './models.js';

const sagemaker = loadContract('sagemaker');

/** Characters of one set, so many times: matched in one pass, however long the text. */
const ONE_SET = /^\^?(?:\[[^\]]*\]|\\[SDW])(?:[*+]|\{\d+\})?\$?$/;

describe('the contract', () => {
  it('is read once and shared', () => {
    expect(loadContract('sagemaker')).toBe(sagemaker);
  });

  it('tells an operation that smlocal does not carry from one that AWS does not have', () => {
    expect(sagemaker.operation('CreateModel')?.name).toBe('CreateModel');
    expect(sagemaker.operation('CreateTrainingJob')).toBeUndefined();
    expect(sagemaker.isKnownOperation('CreateTrainingJob')).toBe(true);
    expect(sagemaker.isKnownOperation('CreateNonsense')).toBe(false);
  });

  it.each(['__proto__', 'constructor', 'toString', ''])('has no operation called %j', (name) => {
    expect(sagemaker.operation(name)).toBeUndefined();
    expect(sagemaker.isKnownOperation(name)).toBe(false);
    expect(sagemaker.modelledError(name)).toBeUndefined();
  });

  it('knows the target prefix of the control plane and the paths and statuses of the runtime', () => {
    expect(sagemaker.metadata.targetPrefix).toBe('SageMaker');
    const runtime = loadContract('sagemaker-runtime');
    expect(runtime.operationNames).toEqual([
      'InvokeEndpoint',
      'InvokeEndpointAsync',
      'InvokeEndpointWithResponseStream',
    ]);
    expect(runtime.operation('InvokeEndpointAsync')?.http).toEqual({
      method: 'POST',
      requestUri: '/endpoints/{EndpointName}/async-invocations',
      responseCode: 202,
    });
  });

  it('calls it a bug to ask for a shape or an operation that is not there', () => {
    expect(() => sagemaker.shape('NoSuchShape')).toThrow('no shape NoSuchShape');
    expect(() => sagemaker.structureOf('NoSuchOperation', 'input')).toThrow('NoSuchOperation');
  });
});

describe.each(models())('the generated model of $name', ({ model, references }) => {
  it('names its source, version and licence and carries no documentation', () => {
    expect(model.generatedFrom).toMatchObject({ package: 'botocore', license: 'Apache-2.0' });
    expect(model.generatedFrom.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(model)).not.toContain('"documentation":');
  });

  it('has every shape that it refers to, and none that nothing refers to', () => {
    expect(new Set(references.map(({ to }) => to))).toEqual(new Set(Object.keys(model.shapes)));
  });

  it('has no shape inside itself, so that no request can nest deeper than the model', () => {
    const reaches = (from: string, path: readonly string[]): boolean =>
      path.includes(from) ||
      references.some((ref) => ref.from === from && reaches(ref.to, [...path, from]));
    expect(Object.keys(model.shapes).filter((name) => reaches(name, []))).toEqual([]);
  });

  it('bounds the length of every string whose pattern is more than one set of characters, so that matching is bounded', () => {
    const unbounded = Object.values(model.shapes).filter(
      (shape) =>
        shape.type === 'string' &&
        shape.pattern !== undefined &&
        shape.max === undefined &&
        !ONE_SET.test(shape.pattern),
    );
    expect(unbounded).toEqual([]);
  });
});

describe('scripts/contract --check', () => {
  const hasBotocore = spawnSync('python3', ['-c', 'import botocore']).status === 0;

  it.skipIf(!hasBotocore)('finds the committed models to be what botocore says', () => {
    const { status, stderr } = spawnSync('python3', ['scripts/contract', '--check'], {
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });
});
