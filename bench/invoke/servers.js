import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { startDaemon } from '../lib/daemon.js';
import { whenInService } from '../lib/sagemaker.js';
import { backendConfiguration } from './nginx.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * `smlocal up` with one endpoint, `echo`, a local process behind it: the same nginx that stands alone beside it.
 * @param {import('../lib/cleanup.js').Cleanup} cleanup
 * @param {string} answer the file that it answers with
 * @param {{ program?: string, settings?: readonly string[], prints?: 'kept' | 'dropped' }} [options] program: runs in place of dist/cli.js; settings: lines of the
 *   endpoint's block in config.yml; prints: nginx prints a line for each call, which is kept as a log event or thrown away before
 * @returns {Promise<import('../lib/daemon.js').BenchDaemon>}
 */
export async function startEndpoint(cleanup, answer, options = {}) {
  const { program, settings = [], prints } = options;
  const write = async (/** @type {string} */ folder) => {
    const nginx = join(folder, 'nginx');
    await mkdir(nginx);
    const template = join(folder, 'nginx.conf');
    await writeFile(template, backendConfiguration(nginx, 'PORT', answer, prints !== undefined));
    // It opens its standard output by name, which goes for a pipe and not for the socket that it is.
    const run = `nginx -p ${nginx} -c ${nginx}/nginx.conf`;
    const start = `PATH=$PATH:/usr/sbin
sed "s/PORT/$SAGEMAKER_BIND_TO_PORT/" ${template} > ${nginx}/nginx.conf
${prints === undefined ? `exec ${run}` : `${run} | cat${prints === 'kept' ? '' : ' > /dev/null'}`}
`;
    await writeFile(join(folder, 'start.sh'), start);
    const config = `engine: process
environments:
  local:
    endpoint_name: echo
    model_name: echo
    image: none
    command: sh ${join(folder, 'start.sh')}
${settings.map((line) => `    ${line}\n`).join('')}`;
    await writeFile(join(folder, 'config.yml'), config);
  };
  const daemon = await startDaemon(cleanup, write, program);
  await whenInService(daemon.url, 'echo');
  return daemon;
}

/**
 * moto's server of the AWS APIs, whose InvokeEndpoint answers a fixed body.
 * @param {import('../lib/cleanup.js').Cleanup} cleanup
 * @returns {Promise<string>} its URL
 */
export async function startMoto(cleanup) {
  const python = join(ROOT, '.cache/python-clients/bin/python');
  const child = spawn(python, [join(ROOT, 'test/support/moto_server.py')], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const ended = once(child, 'exit');
  cleanup.add(async () => {
    child.kill();
    await ended;
  });
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    ended.then(() => Promise.reject(new Error('moto did not start. Type: scripts/bench-tools'))),
  ]);
  return line;
}
