import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/** A free port of 127.0.0.1 for each of a container's, all different. */
export async function freePorts(containerPorts: readonly number[]): Promise<Map<number, number>> {
  const servers = containerPorts.map(() => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const found = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return new Map(containerPorts.map((port, index) => [port, found[index] ?? 0]));
}
