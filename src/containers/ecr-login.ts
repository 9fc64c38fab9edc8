import { ecrToken } from '../aws/ecr-token.js';
import { messageOf } from '../errors.js';
import type { EcrRegistry } from './image-name.js';
import type { Credentials } from './registry-auth.js';

const LIMIT_MS = 15_000;

export type EcrLogin =
  | { readonly credentials: Credentials }
  /** Why AWS gave no token, in one line. */
  | { readonly refusal: string };

/** A registry password from ECR with the user's default AWS credentials. */
export async function ecrLogin(
  registry: EcrRegistry,
  host: string,
  signal?: AbortSignal,
): Promise<EcrLogin> {
  const limit = AbortSignal.timeout(LIMIT_MS);
  const abortSignal = signal === undefined ? limit : AbortSignal.any([signal, limit]);
  try {
    const token = await withAbort(ecrToken(registry, abortSignal), abortSignal);
    return token === undefined
      ? { refusal: 'ECR gave no authorization token' }
      : { credentials: fromToken(token, host) };
  } catch (error) {
    signal?.throwIfAborted();
    // The first line only: AWS's answer to a bad signature goes on with the signed headers, the session token among them.
    return { refusal: messageOf(error).split('\n')[0] ?? '' };
  }
}

/** The SDK looks its credentials up before it looks at the signal, and the lookup may take long off AWS. */
async function withAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let abort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** The token is `AWS:<password>` in base64. */
function fromToken(token: string, host: string): Credentials {
  const [username = '', ...password] = Buffer.from(token, 'base64').toString('utf8').split(':');
  return { username, password: password.join(':'), serveraddress: host };
}
