import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ExitCode, messageOf, SmlocalError } from '../errors.js';

/** The HTTP status with which the engine refused, whether or not the error was already put into our words. */
export function statusOf(error: unknown): number | undefined {
  if (error instanceof SmlocalError) return statusOf(error.cause);
  const status = (error as { statusCode?: unknown } | null | undefined)?.statusCode;
  return typeof status === 'number' ? status : undefined;
}

/** The engine's own sentence, without the prefix that dockerode puts before it. */
export function engineMessage(error: unknown): string {
  const body = (error as { json?: { message?: unknown } | null } | null | undefined)?.json;
  if (typeof body?.message === 'string') return body.message.trim();
  return messageOf(error)
    .replace(/^\(HTTP code \d+\) [^-]* - /, '')
    .trim();
}

/**
 * An error of the engine's API in our family: refusals carry the engine's message, a connection that failed becomes
 * `noEngine`. Anything else (an abort, a bug) passes through as it is.
 */
export function asSmlocalError(error: unknown, endpoint: string): unknown {
  if (error instanceof SmlocalError) return error;
  if (statusOf(error) !== undefined) {
    return new SmlocalError(`Docker: ${engineMessage(error)}`, { cause: error });
  }
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' && CONNECTION_CODES.has(code)
    ? noEngine(endpoint, code, error)
    : error;
}

const CONNECTION_CODES = new Set([
  'ENOENT',
  'ECONNREFUSED',
  'ECONNRESET',
  'EACCES',
  'EPERM',
  'ENOTFOUND',
  'ENOTSOCK',
  'EPIPE',
  'ETIMEDOUT',
]);

/** @param code the system's error code, or `silent` for an engine that takes the connection and says nothing. */
export function noEngine(endpoint: string, code: string, cause?: unknown): SmlocalError {
  const [message, hint] = wordsFor(endpoint, code);
  return new SmlocalError(message, { hint, exitCode: ExitCode.noEngine, cause });
}

function wordsFor(endpoint: string, code: string): [message: string, hint: string] {
  if (code === 'EACCES' || code === 'EPERM') {
    return [
      `No permission to use the Docker engine at ${endpoint}.`,
      'Type `sudo usermod -aG docker $USER`, then log in again (or `newgrp docker`).',
    ];
  }
  if (code === 'ECONNRESET' || code === 'EPIPE') {
    return [`The Docker engine at ${endpoint} closed the connection.`, startHint()];
  }
  if (code === 'silent' || code === 'ETIMEDOUT') {
    return [`The Docker engine at ${endpoint} does not answer.`, `Restart it: ${startHint()}`];
  }
  return dockerIsInstalled()
    ? [`No Docker engine is running at ${endpoint}.`, startHint()]
    : [
        `No Docker engine was found (looked at ${endpoint}).`,
        'Install Docker (https://docs.docker.com/get-docker/), or type `./scripts/engine` in a checkout of smlocal.',
      ];
}

function startHint(): string {
  if (process.platform === 'darwin') return 'Type `open -a Docker` (or `colima start`).';
  if (process.platform === 'win32') return 'Start Docker Desktop.';
  return 'Type `sudo systemctl start docker`, or start Docker Desktop.';
}

function dockerIsInstalled(): boolean {
  const names = process.platform === 'win32' ? ['docker.exe'] : ['docker', 'dockerd'];
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return folders.some((folder) => names.some((name) => isExecutable(join(folder, name))));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
