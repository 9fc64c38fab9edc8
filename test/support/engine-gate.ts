import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectionOptions, findEngineUrl } from '../../src/containers/engine-endpoint.js';

/**
 * A socket of the tests' own before the real engine, which may thus go away and come back for one daemon while it serves
 * all others.
 */
export class EngineGate {
  /** What that daemon takes for its engine. */
  readonly url: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'smlocal-gate-'));
  readonly #upstream: { path: string } | { host: string; port: number };
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #silent = false;

  private constructor(engineUrl: string) {
    const to = connectionOptions(engineUrl);
    this.#upstream =
      'socketPath' in to ? { path: to.socketPath } : { host: to.host, port: to.port };
    this.url = `unix://${this.#path}`;
  }

  /** An open gate before an engine, by default the one that the tests use. */
  static async open(engineUrl?: string): Promise<EngineGate> {
    const gate = new EngineGate(engineUrl ?? (await findEngineUrl()));
    await gate.open();
    return gate;
  }

  async open(): Promise<void> {
    if (this.#silent) this.cut();
    this.#silent = false;
    if (this.#server !== undefined) return;
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#join(socket)).listen(
      this.#path,
    );
    await once(this.#server, 'listening');
  }

  /** As an engine that has been stopped: no connection lives on, and the socket is gone. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    server?.close();
    this.cut();
    if (server !== undefined) await once(server, 'close');
  }

  /** Breaks the connections that there are; new ones are taken. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** As an engine that hangs: whatever is asked from now on is never answered. */
  hang(): void {
    this.#silent = true;
    for (const socket of this.#sockets) socket.unpipe().pause();
  }

  async dispose(): Promise<void> {
    await this.close();
    rmSync(this.#folder, { recursive: true });
  }

  get #path(): string {
    return join(this.#folder, 'engine.sock');
  }

  #join(client: Socket): void {
    this.#track(client);
    if (this.#silent) return;
    const engine = this.#track(connect({ ...this.#upstream, allowHalfOpen: true }));
    client.pipe(engine);
    engine.pipe(client);
    for (const [one, other] of [
      [client, engine],
      [engine, client],
    ] as const)
      one.once('close', () => other.destroy());
  }

  #track(socket: Socket): Socket {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    socket.on('error', () => undefined);
    return socket;
  }
}
