import { expect, test } from 'vitest';
import { loadContract } from '../../src/contract/contract.js';
import {
  exitFailure,
  failureReason,
  imageFailure,
  modelDataFailure,
  pingFailure,
  startFailure,
} from '../../src/hosting/failure-reason.js';

const LIMIT = 1024;

test('The limit is the service model’s', () => {
  expect(loadContract('sagemaker').shape('FailureReason')).toMatchObject({ max: LIMIT });
});

test('Each cause begins with the service’s own words and ends with ours', () => {
  expect(imageFailure('v', 'It is gone.').message).toBe(
    'Please make sure all images included in the model for the production variant v exist, and that the execution role used to create the model has permissions to access them. It is gone.',
  );
  expect(modelDataFailure('s3://b/k', 'It is gone.').message).toBe(
    'Failed to download model data for container "container_1" from URL: "s3://b/k". Please ensure that there is an object located at the URL and that the role passed to CreateModel has permissions to download the object. It is gone.',
  );
  expect(startFailure('v', 'No.').message).toBe(
    "CannotStartContainerError. Please ensure the model container for variant v starts correctly when invoked with 'docker run <image> serve'. No.",
  );
});

test('A container that died is quoted with its exit code and its last lines', () => {
  const { message } = exitFailure('v', { exitCode: 3, outOfMemory: false }, ['one', 'two']);
  expect(message).toMatch(/The container exited with code 3\. Last log lines: one\ntwo$/);
});

test('A container that died for want of memory says so beside its exit code', () => {
  const { message } = exitFailure('v', { exitCode: 137, outOfMemory: true }, []);
  expect(message).toMatch(
    /exited with code 137 \(the kernel ended it for want of memory\)\. It logged nothing\.$/,
  );
});

test('A ping that was never good says how long was waited and what came last', () => {
  expect(pingFailure('v', 60, 'HTTP 503', ['loading']).message).toBe(
    'The primary container for production variant v did not pass the ping health check. Please check CloudWatch logs for this endpoint. No 200 from /ping in 60 s (HTTP 503). Last log lines: loading',
  );
});

test('Of a long log the end is kept, for it says most', () => {
  const lines = [...Array.from({ length: 200 }, (_, index) => `line ${index}`), 'ValueError: no'];
  const { message } = exitFailure('v', { exitCode: 1, outOfMemory: false }, lines);
  expect(message).toHaveLength(LIMIT);
  expect(message).toMatch(/Last log lines: …/);
  expect(message).toMatch(/line 199\nValueError: no$/);
});

test('A reason is cut to the limit, and one that fits is left as it is', () => {
  const whole = 'x'.repeat(LIMIT);
  expect(failureReason(whole)).toBe(whole);
  expect(failureReason(`${whole}y`)).toBe(`${'x'.repeat(LIMIT - 1)}…`);
});
