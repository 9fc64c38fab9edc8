import { messageOf, ServiceError, SmlocalError } from '../errors.js';

interface SdkError extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/**
 * One call of an AWS service: what it refuses becomes a ServiceError in its own words, and what never got there a
 * SmlocalError.
 * @param name as IAM writes it: `s3:PutObject`
 */
export async function aws<T>(name: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw explained(name, error as SdkError);
  }
}

function explained(name: string, error: SdkError): unknown {
  if (error instanceof SmlocalError || error instanceof ServiceError) return error;
  if (error.name === 'AbortError') return error;
  const status = error.$metadata?.httpStatusCode;
  if (status !== undefined) {
    return new ServiceError(error.name, status, error.message, { call: name });
  }
  if (
    error.name === 'CredentialsProviderError' ||
    /credentials|token.*expired/i.test(error.message)
  ) {
    return new SmlocalError(`No AWS credentials for ${name}: ${firstLine(error)}`, {
      hint: 'Type "aws sso login" or "aws configure", or name a profile with aws_profile in config.yml.',
      cause: error,
    });
  }
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string' || error.name === 'TimeoutError') {
    return new SmlocalError(`AWS could not be reached for ${name}: ${firstLine(error) || code}`, {
      hint: 'Check the network and the region, then type the same again.',
      cause: error,
    });
  }
  return error;
}

function firstLine(error: unknown): string {
  return messageOf(error).split('\n')[0] ?? '';
}

/** Whether an error is the service's, with one of these codes or HTTP statuses. */
export function isRefusal(error: unknown, ...codes: readonly (string | number)[]): boolean {
  return (
    error instanceof ServiceError &&
    (codes.includes(error.code) || codes.includes(error.statusCode))
  );
}
