import { ExitCode, SmlocalError } from '../errors.js';

/** Told that the engine has not answered; knows when it does again. */
export interface EngineWatch {
  /**
   * Resolves when the engine answers; rejects when the daemon ends before. Undefined while nobody looks after the engine:
   * then its absence is a failure like any other.
   */
  lost(reason: SmlocalError): Promise<void> | undefined;
}

/** Whether something failed only because no engine answered: nothing is then known of the containers. */
export function isEngineAway(error: unknown): error is SmlocalError {
  return error instanceof SmlocalError && error.exitCode === ExitCode.noEngine;
}

/** What a disk answers that is full or broken: what could not be written was not done, and may go well the next time. */
const STORAGE_CODES = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EMFILE', 'ENFILE']);

/** Whether a record could not be written. */
export function isUnwritten(error: unknown): boolean {
  return STORAGE_CODES.has((error as NodeJS.ErrnoException | undefined)?.code ?? '');
}
