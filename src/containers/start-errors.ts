import { SmlocalError } from '../errors.js';
import type { ContainerSpec, ExitStatus } from './engine.js';
import { engineMessage, statusOf } from './engine-errors.js';

/** The engine's refusal to create a container, in words that name what to change. */
export function asCreateError(error: unknown, spec: ContainerSpec): unknown {
  const message = engineMessage(error);
  if (statusOf(error) === 409) {
    return new SmlocalError(`The name ${spec.name} is taken by a container that is not ours.`, {
      hint: `Type \`docker rm -f ${spec.name}\` if it is not needed.`,
      cause: error,
    });
  }
  if (/bind source path does not exist/.test(message)) {
    return new SmlocalError(`Cannot mount into ${spec.name}: ${afterColon(message)}.`, {
      hint: 'The path must exist on the machine where the Docker engine runs.',
      cause: error,
    });
  }
  if (/does not match the (specified|detected host) platform/.test(message)) {
    return wrongPlatform(spec, error);
  }
  return error;
}

function afterColon(message: string): string {
  return message.split(': ').slice(1).join(': ') || message;
}

/** What kept an image's process from starting, in words; any other error as it is. */
export function asStartError(error: unknown, spec: ContainerSpec): unknown {
  const message = engineMessage(error);
  if (statusOf(error) === undefined) return error;
  if (/exec format error/.test(message)) return wrongPlatform(spec, error);
  const program = /exec: "([^"]*)"/.exec(message)?.[1];
  if (program === undefined) return error;
  const why = /permission denied/.test(message) ? 'is not executable' : 'was not found';
  return new SmlocalError(`The image ${spec.image} cannot start: "${program}" ${why} in it.`, {
    hint: `SageMaker runs \`docker run ${spec.image} ${spec.command.join(' ')}\`: the image needs an ENTRYPOINT that takes \`serve\`, or an executable \`serve\` on its PATH.`,
    cause: error,
  });
}

function wrongPlatform(spec: ContainerSpec, cause: unknown): SmlocalError {
  const asked = spec.platform ?? "this machine's platform";
  return new SmlocalError(`The image ${spec.image} was not built for ${asked}.`, {
    hint: PLATFORM_HINT,
    cause,
  });
}

const PLATFORM_HINT =
  'Rebuild it with `docker build --platform linux/amd64 …` (what SageMaker runs), or let this machine run it: `docker run --privileged --rm tonistiigi/binfmt --install all`.';

/**
 * Why a container ended, where its exit code and last output line tell. A wrong architecture shows only here: the engine
 * reports the start as done, and the process fails on its first instruction.
 */
export function explainExit(status: ExitStatus, lastLine = ''): string | undefined {
  if (status.outOfMemory) return 'the kernel ended it for want of memory';
  if (/exec format error/.test(lastLine)) {
    return `its program is built for another processor, or is a script without #!. ${PLATFORM_HINT}`;
  }
  const words: Readonly<Record<number, string>> = {
    [-1]: 'it was removed',
    126: 'its program is not executable',
    127: 'its program was not found',
    137: 'it was killed (SIGKILL)',
    139: 'it crashed (segmentation fault)',
    143: 'it was told to stop (SIGTERM)',
  };
  return words[status.exitCode];
}
