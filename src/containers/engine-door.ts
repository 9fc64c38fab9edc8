import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from 'node:http';
import { basename, dirname, join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { Logger } from '../log.js';
import { type EcrPush, ecrAnswer } from './ecr-answers.js';
import { connectionOptions, doorPrefix, findEngineUrl } from './engine-endpoint.js';

/** With what is put behind it, as long as every system takes a socket's name. */
const LONGEST_PREFIX = 80;

export interface EngineDoor {
  /** As DOCKER_HOST has it. */
  readonly url: string;
  close(): Promise<void>;
}

interface DoorParts {
  readonly push: EcrPush;
  readonly log: Logger;
}

/**
 * A second door to the container engine, for the docker command of a script that talks to ECR: logins at ECR's hosts and
 * pushes to them are answered here, everything else goes through to the engine as it came.
 *
 * @returns closes it; undefined where there can be none (a name that is too long, an engine behind TLS, no Unix sockets)
 */
export async function openEngineDoor(parts: DoorParts): Promise<EngineDoor | undefined> {
  if (process.platform === 'win32' || Buffer.byteLength(doorPrefix()) > LONGEST_PREFIX)
    return undefined;
  const engine = await engineAddress();
  if (engine === undefined) return undefined;
  const { log } = parts;
  const server = createServer((request, response) => {
    answer(parts, engine, request, response).catch((err: unknown) => {
      log.debug({ err, path: request.url }, 'a request to the engine failed');
      response.destroy();
    });
  });
  server.requestTimeout = 0; // A build's context may take as long as it likes.
  server.on('upgrade', (request, socket, head) => hijack(engine, request, socket, head));
  await removeLeftDoors();
  const folder = await mkdtemp(`${doorPrefix()}${process.pid}-`);
  const socketPath = join(folder, 'docker.sock');
  server.listen(socketPath);
  await once(server, 'listening');
  return {
    url: `unix://${socketPath}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Those of daemons that were killed. */
async function removeLeftDoors(): Promise<void> {
  const prefix = basename(doorPrefix());
  const parent = dirname(doorPrefix());
  for (const name of await readdir(parent)) {
    const pid = name.startsWith(prefix)
      ? Number.parseInt(name.slice(prefix.length), 10)
      : Number.NaN;
    if (Number.isNaN(pid) || runs(pid)) continue;
    // Another user's cannot be removed, and need not.
    await rm(join(parent, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

type EngineAddress =
  | { readonly socketPath: string }
  | { readonly host: string; readonly port: number };

async function engineAddress(): Promise<EngineAddress | undefined> {
  const options = connectionOptions(await findEngineUrl());
  if ('socketPath' in options) return { socketPath: options.socketPath };
  return options.protocol === 'http' ? { host: options.host, port: options.port } : undefined;
}

async function answer(
  { push }: DoorParts,
  engine: EngineAddress,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const ours = await ecrAnswer(request, push);
  if (ours?.kind === 'answered') {
    response.writeHead(ours.statusCode, { 'Content-Type': 'application/json' });
    response.end(ours.body);
    return;
  }
  const onward = httpRequest(onwards(engine, request));
  onward.once('response', (answered) => {
    response.writeHead(answered.statusCode ?? 502, answered.rawHeaders);
    response.flushHeaders(); // Logs and events are followed: their first byte may come much later.
    answered.pipe(response);
    answered.once('error', () => response.destroy());
  });
  response.once('close', () => onward.destroy());
  onward.once('error', () => response.destroy());
  if (ours === undefined) request.pipe(onward);
  else onward.end(ours.body);
}

/** attach, exec and BuildKit's sessions turn the connection into one of their own. */
function hijack(
  engine: EngineAddress,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): void {
  const onward = httpRequest(onwards(engine, request));
  const end = () => socket.destroy();
  onward.once('error', end);
  socket.once('error', () => onward.destroy());
  onward.once('upgrade', (answered, engineSocket, engineHead) => {
    socket.write(headOf(answered));
    if (engineHead.length > 0) socket.write(engineHead);
    engineSocket.once('error', end);
    socket.once('close', () => engineSocket.destroy());
    socket.pipe(engineSocket).pipe(socket);
  });
  // The engine refuses: there is no such container, say.
  onward.once('response', (answered) => {
    socket.write(headOf(answered, { connection: 'close' }));
    answered.pipe(socket);
  });
  onward.end(head.length > 0 ? head : undefined);
}

function onwards(engine: EngineAddress, { method, url, headers }: IncomingMessage) {
  return { ...engine, method, path: url, headers: headers as OutgoingHttpHeaders, agent: false };
}

function headOf(
  { statusCode, statusMessage, headers }: IncomingMessage,
  instead: Readonly<Record<string, string>> = {},
): string {
  const { 'transfer-encoding': _, ...kept } = headers;
  const lines = Object.entries({ ...kept, ...instead }).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${statusCode} ${statusMessage}`, ...lines, '', ''].join('\r\n');
}
