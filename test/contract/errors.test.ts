import { describe, expect, it } from 'vitest';
import { loadContract } from '../../src/contract/contract.js';
import { awsJsonError, restJsonError } from '../../src/contract/errors.js';
import { ServiceError, SmlocalError } from '../../src/errors.js';

const sagemaker = loadContract('sagemaker');
const runtime = loadContract('sagemaker-runtime');

describe('an error of the control plane', () => {
  it('has its code in __type and its text in message', () => {
    const error = new ServiceError('ValidationException', 400, 'Could not find endpoint "arn".');
    expect(awsJsonError(sagemaker, error)).toEqual({
      statusCode: 400,
      headers: { 'Content-Type': 'application/x-amz-json-1.1' },
      body: '{"__type":"ValidationException","message":"Could not find endpoint \\"arn\\"."}',
    });
  });

  it('has its text in Message when the model describes it', () => {
    const error = new ServiceError('ResourceLimitExceeded', 400, 'Too many.');
    expect(awsJsonError(sagemaker, error).body).toBe(
      '{"__type":"ResourceLimitExceeded","Message":"Too many."}',
    );
  });

  it('has no text when there is none', () => {
    const error = new ServiceError('UnknownOperationException', 404, '');
    expect(awsJsonError(sagemaker, error)).toMatchObject({
      statusCode: 404,
      body: '{"__type":"UnknownOperationException"}',
    });
  });
});

describe('an error of the runtime', () => {
  it('has its code in x-amzn-ErrorType, the status of the model, and its members', () => {
    const members = {
      ErrorCode: 'CLIENT_ERROR_FROM_MODEL',
      LogStreamArn: 'arn',
      OriginalMessage: 'no',
      OriginalStatusCode: 400,
    };
    const answer = restJsonError(
      runtime,
      new ServiceError('ModelError', 500, 'Received…', members),
    );
    expect(answer.statusCode).toBe(424);
    expect(answer.headers).toEqual({
      'Content-Type': 'application/json',
      'x-amzn-ErrorType': 'ModelError',
    });
    expect(JSON.parse(answer.body)).toEqual({ ...members, Message: 'Received…' });
  });

  it.each([
    ['ValidationError', 400],
    ['ModelNotReadyException', 429],
    ['InternalFailure', 500],
    ['ServiceUnavailable', 503],
    ['InternalDependencyException', 530],
  ])('called %s has status %i', (code, status) => {
    expect(restJsonError(runtime, new ServiceError(code, 418, 'x')).statusCode).toBe(status);
  });

  it('keeps the status it was given when no model describes it', () => {
    const error = new ServiceError('AccessDeniedException', 403, 'no');
    expect(restJsonError(runtime, error).statusCode).toBe(403);
  });

  it('has texts of at most 2048 characters, none of them cut in two', () => {
    const long = '😀'.repeat(5_000);
    const error = new ServiceError('ModelError', 424, `a${long}`, { OriginalMessage: long });
    const body = JSON.parse(restJsonError(runtime, error).body);
    expect(body.Message).toBe(`a${'😀'.repeat(2_047)}`);
    expect(body.OriginalMessage).toBe('😀'.repeat(2_048));
    const exact = new ServiceError('ValidationError', 400, 'x'.repeat(2_048));
    expect(JSON.parse(restJsonError(runtime, exact).body).Message).toHaveLength(2_048);
  });
});

describe('anything that is not meant for a client', () => {
  it.each([new Error('ENOENT /home/me/secret'), new SmlocalError('secret'), 'secret', undefined])(
    'is InternalFailure and tells nothing of %s',
    (thrown) => {
      const answers = [awsJsonError(sagemaker, thrown), restJsonError(runtime, thrown)];
      for (const { statusCode, body } of answers) {
        expect(statusCode).toBe(500);
        expect(body).toContain('unknown error');
        expect(body).not.toContain('secret');
      }
      expect(answers[0]?.body).toContain('"__type":"InternalFailure"');
      expect(answers[1]?.headers['x-amzn-ErrorType']).toBe('InternalFailure');
    },
  );
});
