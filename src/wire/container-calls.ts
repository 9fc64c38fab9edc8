import type { IncomingMessage } from 'node:http';
import { ServiceError } from '../errors.js';

const OWN_PATHS = '/_smlocal/';

/** Services whose operations harm nobody, and what is read of the others, by what `X-Amz-Target` begins with. */
const ALLOWED_TARGETS = [
  /^SageMaker\.(?:Describe|List|Search)\w*$/,
  /^Logs_20140328\.\w+$/,
  /^GraniteServiceVersion20100801\.\w+$/,
];

/**
 * Why a container may not make a call. Its role may have every permission on AWS, but here to make a model is to have folders
 * of this machine mounted, and to push an image is to have it run: who could do that would be out of the container.
 */
export function containerFault({ url, headers }: IncomingMessage): ServiceError | undefined {
  if (url?.startsWith(OWN_PATHS)) return denied('The admin API answers this machine alone.');
  const target = headers['x-amz-target'];
  if (target === undefined || ALLOWED_TARGETS.some((allowed) => allowed.test(String(target))))
    return undefined;
  return denied(
    `Containers may look at what smlocal serves and invoke it, and not change it (${String(target).slice(0, 100)}).`,
  );
}

function denied(message: string): ServiceError {
  return new ServiceError('AccessDeniedException', 403, message);
}
