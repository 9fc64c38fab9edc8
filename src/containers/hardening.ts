import { realpath } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join, sep } from 'node:path';
import type Docker from 'dockerode';
import { SmlocalError } from '../errors.js';
import type { Mount } from '../mount.js';
import { doorPrefix } from './engine-endpoint.js';

/** Far more than a model server needs, and far fewer than a machine has. */
const MOST_PROCESSES = 8192;

/** What is left for everything else, so that a model which eats memory ends itself and not the machine's other programs. */
const SHARE_OF_MEMORY = 0.9;

/** Raw packets, device files, the audit log and capabilities on files: no server of models asks for them. */
const CAPABILITIES_DROPPED = ['NET_RAW', 'MKNOD', 'AUDIT_WRITE', 'SETFCAP'];

/** The most memory that a container, or a process in place of one, may take: bytes. */
export function memoryLimit(): number {
  return Math.floor(totalmem() * SHARE_OF_MEMORY);
}

/** What every container is denied, whatever its image says. */
export function restrictions(): Partial<NonNullable<Docker.ContainerCreateOptions['HostConfig']>> {
  const memory = memoryLimit();
  return {
    Memory: memory,
    // Swapping would only make it slower before it ends.
    MemorySwap: memory,
    PidsLimit: MOST_PROCESSES,
    SecurityOpt: ['no-new-privileges'],
    CapDrop: CAPABILITIES_DROPPED,
  };
}

/**
 * Keeps the engine's own socket, and the door to it, out of containers: whoever has it has the machine.
 *
 * @param engineUrl where the engine answers
 * @throws SmlocalError where one of the mounts is the socket, or a folder that it lies in
 */
export async function refuseEngineSocket(
  mounts: readonly Mount[],
  engineUrl: string,
): Promise<void> {
  if (!engineUrl.startsWith('unix://')) return;
  const socket = await resolved(engineUrl.slice('unix://'.length));
  const door = doorPrefix();
  for (const { source, volume } of mounts) {
    if (volume === true) continue;
    const path = await resolved(source);
    if (
      socket === path ||
      path.startsWith(door) ||
      [socket, door].some((one) => one.startsWith(join(path, sep)))
    ) {
      throw new SmlocalError(
        `${source} is not shown to containers: the engine's socket lies in it.`,
        {
          hint: 'Name the folder that holds the model, and nothing else.',
        },
      );
    }
  }
}

function resolved(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}
