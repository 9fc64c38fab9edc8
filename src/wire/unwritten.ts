import { messageOf, ServiceError } from '../errors.js';

/** What a disk answers that is full, over its quota, read-only or broken, and a process that may open no more files. */
const STORAGE_CODES = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EMFILE', 'ENFILE', 'ENOMEM']);

/**
 * What could not be kept was not done, and may be tried again: the service's own word for that, among the errors common to
 * all of its operations, is ServiceUnavailable, 503, which every AWS SDK retries. The reason is added for whoever reads it.
 *
 * @throws ServiceError, or the error itself where it is another
 */
export function refuseUnwritten(error: unknown): never {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code === undefined || !STORAGE_CODES.has(code)) throw error;
  throw new ServiceError(
    'ServiceUnavailable',
    503,
    `The request has failed due to a temporary failure of the server. smlocal cannot write to its state folder: ${messageOf(error)}`,
  );
}
