import type { ContainerDefinition } from '@aws-sdk/client-sagemaker';
import { invalid } from './errors.js';

/** Of all keys and values together (API reference, ContainerDefinition); the service's text is not known. */
const MAX_BYTES = 32 * 1024;

/** @throws ServiceError where a container's environment is larger than the service takes */
export function checkEnvironment({ Environment = {} }: ContainerDefinition): void {
  const bytes = Object.entries(Environment)
    .map(([key, value]) => Buffer.byteLength(key) + Buffer.byteLength(value ?? ''))
    .reduce((sum, length) => sum + length, 0);
  if (bytes > MAX_BYTES) {
    throw invalid(
      `Environment has ${bytes} bytes of keys and values; at most ${MAX_BYTES} are allowed.`,
    );
  }
}
