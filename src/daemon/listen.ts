import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SmlocalError } from '../errors.js';

/** Nobody but this machine may reach smlocal. */
const HOST = '127.0.0.1';

/**
 * Listens on a port of 127.0.0.1; 0 takes any free one.
 * @returns the address to give to an SDK
 * @throws SmlocalError where the port is taken
 */
export function listen(server: Server, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(explain(error, port)));
    server.listen(port, HOST, () => {
      resolve(`http://${HOST}:${(server.address() as AddressInfo).port}`);
    });
  });
}

function explain(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code === 'EADDRINUSE') {
    return new SmlocalError(`Port ${port} is taken by another program.`, {
      hint: `Take another: smlocal up --port ${port + 1}`,
      cause: error,
    });
  }
  if (error.code === 'EACCES') {
    return new SmlocalError(`You may not listen on port ${port}.`, {
      hint: 'Take one above 1023: smlocal up --port 4577',
      cause: error,
    });
  }
  return error;
}
