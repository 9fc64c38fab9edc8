import { once } from 'node:events';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEFAULT_ACCOUNT } from '../../src/config/config.js';
import { startDaemon } from '../../src/daemon/start-daemon.js';
import { applyManifest } from '../../src/deploy/apply.js';
import { manifestOf } from '../../src/deploy/manifest.js';
import { PYTORCH, ROOT } from '../support/fixtures.js';
import { configFor } from '../support/test-daemon.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'smlocal-debug-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('A debugger can attach to the one worker of an endpoint with debug: true', async () => {
  const code = join(folder, 'code');
  await cp(`${ROOT}fixtures/text-classifier/code`, code, { recursive: true });
  const daemon = await startDaemon({ config: configFor(), stateDir: folder, watched: true });
  try {
    const lines: string[] = [];
    daemon.events.on('progress', ({ progress }) => lines.push(progress.activity));
    await daemon.resume();
    const manifest = manifestOf(
      {
        endpointName: 'debugged',
        modelName: 'debugged',
        image: PYTORCH.image,
        modelDataUrl: pathToFileURL(PYTORCH.archive).href,
        sourceDirectory: code,
        entryPoint: 'inference.py',
        environment: {},
        variants: [{ name: 'AllTraffic', weight: 1, instanceType: 'local', instanceCount: 1 }],
        tags: {},
        debug: true,
      },
      DEFAULT_ACCOUNT,
    );
    const inService = new Promise<void>((resolve) => {
      daemon.events.on('status', ({ status }) => status === 'InService' && resolve());
    });
    await applyManifest(daemon.control, manifest, daemon.ending);
    await inService;
    const said = lines.find((line) => line.startsWith('a debugger can attach to'));
    const port = Number(/127\.0\.0\.1:(\d+)/.exec(said ?? '')?.[1]);
    expect(await initialize(port)).toMatch(/^Content-Length: \d+\r\n\r\n\{"seq"/);
  } finally {
    await daemon.stop({ force: true });
  }
});

/** The first request of the Debug Adapter Protocol, and the beginning of the answer. */
async function initialize(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const request = JSON.stringify({
    seq: 1,
    type: 'request',
    command: 'initialize',
    arguments: { adapterID: 'test' },
  });
  socket.write(`Content-Length: ${Buffer.byteLength(request)}\r\n\r\n${request}`);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return answer.toString('utf8');
}
