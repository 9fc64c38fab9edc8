import { execFile } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Mount } from '../../src/mount.js';
import { artifactsForTest, targz } from './archive.js';

const IMAGE = 'debian:bookworm-slim';
const run = promisify(execFile);

/** What a shell script prints in a container with these mounts, all read-only. */
async function printedWith(mounts: readonly Mount[], script: string): Promise<string> {
  const flags = mounts.flatMap(({ source, target }) => [
    '--mount',
    `type=bind,readonly,source=${source},target=${target}`,
  ]);
  const { stdout } = await run('docker', [
    'run',
    '--rm',
    '--network=none',
    ...flags,
    IMAGE,
    'sh',
    '-c',
    `${script} 2>&1`,
  ]);
  return stdout;
}

const WRITES = [
  'touch /opt/ml/model/new',
  'touch /opt/ml/model/code/new',
  'echo x >> /opt/ml/model/model.pth',
  'rm -f /opt/ml/model/model.pth',
  'mkdir /opt/ml/model/tokenizer/new',
  'chmod 777 /opt/ml/model/code',
];

/** Each write with its outcome, on one line each. */
const TRY_WRITES = `{ ${WRITES.map((each) => `(${each}) || echo refused`).join('; ')}; }`;

async function modelAndSource(withCode: boolean) {
  const parts = await artifactsForTest();
  const source = join(parts.root, 'source');
  await mkdir(source);
  await writeFile(join(source, 'inference.py'), 'the source');
  const data = await parts.put(
    targz(
      { name: '/', type: '5' },
      { name: 'model.pth', content: 'weights' },
      { name: 'tokenizer/vocab.txt', content: 'words' },
      ...(withCode ? [{ name: 'code/inference.py', content: 'the archive' }] : []),
    ),
  );
  return { ...parts, source, model: await parts.artifacts.directoryFor(data) };
}

describe('a container with the mounts of a model', () => {
  it.each([true, false])(
    'reads model and source, and can write nowhere (code in the model: %s)',
    async (withCode) => {
      const { artifacts, model, source } = await modelAndSource(withCode);
      const mounts = await artifacts.mounts(model, source);
      const read = await printedWith(
        mounts,
        'cd /opt/ml/model && cat model.pth tokenizer/vocab.txt code/inference.py && ls',
      );
      expect(read).toBe('weightswordsthe sourcecode\nmodel.pth\ntokenizer\n');
      const written = await printedWith(mounts, TRY_WRITES);
      expect(written.match(/Read-only file system|Device or resource busy/g)).toHaveLength(
        WRITES.length,
      );
      expect(written.match(/^refused$/gm)).toHaveLength(WRITES.length);
      expect(await readdir(source)).toEqual(['inference.py']);
    },
    60_000,
  );

  it('reads the source alone where there is no model', async () => {
    const { artifacts, source } = await modelAndSource(false);
    const mounts = await artifacts.mounts(undefined, source);
    const script = '{ cat /opt/ml/model/code/inference.py; touch /opt/ml/model/new || true; }';
    expect(await printedWith(mounts, script)).toMatch(/^the source.*Read-only file system\n$/s);
  }, 60_000);
});
