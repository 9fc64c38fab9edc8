import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { freePort, untilListening } from '../lib/ports.js';

/**
 * A configuration that runs from a folder of its own, as one process beside its master.
 * @param {string} folder
 * @param {string} http what stands in the `http` block
 */
function configuration(folder, http) {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `  ${kind}_temp_path ${join(folder, kind)};`)
    .join('\n');
  // Workers of root's own, as only root may look into its temporary folders.
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  return `daemon off;
${user}
worker_processes 1;
pid ${join(folder, 'pid')};
error_log stderr crit;
events { worker_connections 2048; }
http {
  access_log off;
  client_max_body_size 100m;
  keepalive_requests 100000000;
  keepalive_timeout 600;
${temporary}
${http}
}
`;
}

/**
 * What plays the container: it reads a body, throws it away and answers /invocations with a file.
 * @param {string} folder
 * @param {string | number} port
 * @param {string} answer the file
 * @param {boolean} logsRequests whether it prints a line for each
 */
export function backendConfiguration(folder, port, answer, logsRequests = false) {
  // A mirror has the body read to its end first; a POST for a file is an error, which is then answered with the file.
  return configuration(
    folder,
    `  server {
    listen 127.0.0.1:${port} backlog=1024;
    access_log ${logsRequests ? '/dev/stdout' : 'off'};
    location = /ping { return 200; }
    location = /invocations {
      client_body_buffer_size 32m;
      mirror /nowhere;
      alias ${answer};
      error_page 405 =200 /answer;
    }
    location = /nowhere { internal; return 204; }
    location = /answer {
      internal;
      default_type application/octet-stream;
      alias ${answer};
    }
  }`,
  );
}

/**
 * A reverse proxy as its manual has it: connections kept, nothing buffered.
 * @param {string} folder
 * @param {number} port
 * @param {number} backend
 */
export function proxyConfiguration(folder, port, backend) {
  return configuration(
    folder,
    `  upstream container {
    server 127.0.0.1:${backend};
    keepalive 512;
    keepalive_requests 100000000;
  }
  server {
    listen 127.0.0.1:${port} backlog=1024;
    location = /endpoints/echo/invocations {
      proxy_pass http://container/invocations;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
      proxy_request_buffering off;
    }
  }`,
  );
}

/**
 * Starts nginx in a folder.
 * @param {import('../lib/cleanup.js').Cleanup} cleanup
 * @param {string} folder
 * @param {(folder: string, port: number) => string} configure
 * @returns {Promise<number>} the port on which it listens
 */
export async function startNginx(cleanup, folder, configure) {
  const port = await freePort();
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'nginx.conf');
  await writeFile(file, configure(folder, port));
  const child = spawn('nginx', ['-p', folder, '-c', file], {
    env: { ...process.env, PATH: [process.env.PATH, '/usr/sbin'].join(delimiter) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = once(child, 'exit');
  cleanup.add(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  const died = ended.then(([code]) => {
    throw new Error(`nginx ended with exit code ${code} before it listened`);
  });
  died.catch(() => undefined);
  await Promise.race([untilListening(port), died]);
  return port;
}
