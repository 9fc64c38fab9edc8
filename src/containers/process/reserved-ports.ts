import { randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { SmlocalError } from '../../errors.js';

/** Below what systems give away by themselves: Linux from 32768, macOS and Windows from 49152. */
const RANGE: PortRange = { first: 20_000, last: 32_767 };

interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** More than any machine needs that has a free one. */
const TRIES = 1_000;

const LOOPBACK = '127.0.0.1';

/**
 * A port of 127.0.0.1 for each of a container's. Between the choice of a port and the moment in which a server that has just
 * been started listens on it no one else may get it, another daemon neither: its process would answer for ours. The server
 * is the user's own and opens the port by itself, so that the port is held by the UDP one of the same number.
 */
export class ReservedPorts {
  readonly #hosts: Map<number, Reserved>;

  private constructor(hosts: Map<number, Reserved>) {
    this.#hosts = hosts;
  }

  /** @throws SmlocalError where the range has too few that are free */
  static async reserve(
    containerPorts: readonly number[],
    range: PortRange = RANGE,
  ): Promise<ReservedPorts> {
    const hosts = new Map<number, Reserved>();
    const reserved = new ReservedPorts(hosts);
    try {
      for (const port of containerPorts) hosts.set(port, await reserveOne(range));
    } catch (error) {
      reserved.release();
      throw error;
    }
    return reserved;
  }

  /** This machine's, by the container's. */
  get numbers(): ReadonlyMap<number, number> {
    return new Map([...this.#hosts].map(([port, { number }]) => [port, number]));
  }

  /** Safe to call twice. */
  release(): void {
    for (const { hold } of this.#hosts.values()) hold.close();
    this.#hosts.clear();
  }
}

interface Reserved {
  readonly number: number;
  readonly hold: Socket;
}

async function reserveOne({ first, last }: PortRange): Promise<Reserved> {
  for (let tried = 0; tried < TRIES; tried += 1) {
    const number = randomInt(first, last + 1);
    const hold = await held(number);
    if (hold === undefined) continue;
    if (await isFree(number)) return { number, hold };
    hold.close();
  }
  throw new SmlocalError(`No port between ${first} and ${last} of ${LOOPBACK} is free.`);
}

async function held(port: number): Promise<Socket | undefined> {
  const hold = createSocket('udp4').unref();
  try {
    hold.bind({ port, address: LOOPBACK, exclusive: true });
    await once(hold, 'listening');
  } catch {
    hold.close();
    return undefined;
  }
  return hold;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, LOOPBACK);
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
