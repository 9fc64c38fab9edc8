// `node bare-proxy.js BACKEND`: the least that a proxy in Node can be, of the same parts as smlocal's; prints its port.
import { createServer } from 'node:http';
import { Pool } from 'undici';

const pool = new Pool(process.argv[2]);

const server = createServer((request, response) => {
  const headers = { 'content-length': request.headers['content-length'] };
  const options = { path: '/invocations', method: 'POST', headers, body: request };
  pool
    .stream(options, (answer) => response.writeHead(answer.statusCode, answer.headers))
    .catch(() => response.destroy());
});
server.listen(0, '127.0.0.1', () => {
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  console.log(address.port);
});
