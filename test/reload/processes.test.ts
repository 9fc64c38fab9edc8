import { expect, test } from 'vitest';
import { findServer, parseProcesses } from '../../src/reload/processes.js';

/** Lines as the listing prints them: pid, parent, arguments, separated by tabs. */
const listing = (...lines: [pid: number, parent: number, ...command: string[]][]) =>
  parseProcesses(lines.map((line) => line.join('\t')).join('\n'));

test('A kernel thread or a process that is gone has no arguments, and is left out', () => {
  expect(parseProcesses('1\t0\tsh\t\n7\t1\t\n\n')).toEqual([
    { pid: 1, parent: 0, command: ['sh'] },
  ]);
});

test('The master of gunicorn is the one whose parent is none', () => {
  const found = findServer(
    listing(
      [1, 0, '/usr/bin/python3', '/usr/bin/gunicorn', 'app:app', '-n', 'serve'],
      [8, 1, '/usr/bin/python3', '/usr/bin/gunicorn', 'app:app', '-n', 'serve'],
      [9, 1, '/usr/bin/python3', '/usr/bin/gunicorn', 'app:app', '-n', 'serve'],
    ),
  );
  expect(found?.kind).toBe('gunicorn');
  expect(found?.master.pid).toBe(1);
  expect(found?.workers.map(({ pid }) => pid)).toEqual([8, 9]);
});

test('gunicorn behind a start script and nginx is found too', () => {
  const found = findServer(
    listing(
      [1, 0, 'python3', '/usr/bin/serve'],
      [5, 1, 'nginx: master process nginx -c nginx.conf'],
      [6, 1, '/opt/venv/bin/python', '/opt/venv/bin/gunicorn', 'wsgi:app'],
      [11, 6, '/opt/venv/bin/python', '/opt/venv/bin/gunicorn', 'wsgi:app'],
    ),
  );
  expect(found?.master.pid).toBe(6);
});

test('The workers of TorchServe are the Python processes that it starts', () => {
  const found = findServer(
    listing(
      [1, 0, 'python3', '/usr/local/bin/dockerd-entrypoint.py', 'serve'],
      [20, 1, '/usr/bin/java', '-cp', 'x.jar', 'org.pytorch.serve.ModelServer', '--python'],
      [60, 20, '/usr/bin/python3', '/x/ts/model_service_worker.py', '--sock-type', 'unix'],
      [61, 20, '/usr/bin/python3', '/x/ts/model_service_worker.py', '--sock-type', 'unix'],
    ),
  );
  expect(found?.kind).toBe('torchserve');
  expect(found?.workers.map(({ pid }) => pid)).toEqual([60, 61]);
});

test('The process that forks multi-model-server’s workers is not one of them: nothing would start it again', () => {
  const found = findServer(
    listing(
      [1, 0, 'python3', '/entry.py'],
      [20, 1, 'java', 'com.amazonaws.ml.mms.ModelServer'],
      [50, 20, 'python3', '/x/mms/model_service_worker.py', '--sock-name', '/tmp/s'],
      [51, 50, 'python3', '/x/mms/model_service_worker.py', '--sock-name', '/tmp/s'],
    ),
  );
  expect(found?.workers.map(({ pid }) => pid)).toEqual([51]);
});

test('A server of one process has no workers to renew', () => {
  expect(findServer(listing([1, 0, 'uvicorn', 'main:app']))).toBeUndefined();
  expect(findServer(listing([1, 0, '/app/server']))).toBeUndefined();
});
