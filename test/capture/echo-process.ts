import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerDefinition } from '@aws-sdk/client-sagemaker';

const SERVER = `
import { createServer } from 'node:http';
createServer((request, response) => {
  if (request.method === 'GET') return response.end();
  const type = request.headers['content-type'] ?? 'text/plain';
  if (type === 'text/fails') return response.writeHead(500).end('it broke');
  response.writeHead(200, { 'content-type': type });
  request.pipe(response);
}).listen(process.env.SAGEMAKER_BIND_TO_PORT, '127.0.0.1');
`;

/** A local process that answers with what it was sent, as what it was sent; its program is written into the folder. */
export function echoProcess(folder: string): ContainerDefinition {
  const program = join(folder, 'server.mjs');
  writeFileSync(program, SERVER);
  return { Image: 'any', Environment: { SMLOCAL_COMMAND: `'${process.execPath}' ${program}` } };
}
