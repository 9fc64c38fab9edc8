import { mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { artifactsForTest } from './archive.js';

async function folders() {
  const parts = await artifactsForTest();
  const model = join(parts.root, 'model');
  const source = join(parts.root, 'source');
  await mkdir(join(model, 'tokenizer'), { recursive: true });
  await mkdir(source);
  await writeFile(join(model, 'model.pth'), 'weights');
  return { ...parts, model, source };
}

describe('the mounts of a model', () => {
  it('are none without model and source', async () => {
    const { artifacts } = await artifactsForTest();
    expect(await artifacts.mounts(undefined, undefined)).toEqual([]);
  });

  it('are the model alone without a source', async () => {
    const { artifacts, model } = await folders();
    expect(await artifacts.mounts(model, undefined)).toEqual([
      { source: model, target: '/opt/ml/model' },
    ]);
  });

  it('are the model and the source over its code directory', async () => {
    const { artifacts, model, source } = await folders();
    await mkdir(join(model, 'code'));
    expect(await artifacts.mounts(model, source)).toEqual([
      { source: model, target: '/opt/ml/model' },
      { source, target: '/opt/ml/model/code' },
    ]);
  });

  it('are a skeleton with everything on its place where the model has no code directory', async () => {
    const { artifacts, model, source, stateDir } = await folders();
    const mounts = await artifacts.mounts(model, source);
    const skeleton = mounts[0]?.source ?? '';
    expect(mounts).toEqual([
      {
        source: expect.stringContaining(join(stateDir, 'cache', 'skeletons')),
        target: '/opt/ml/model',
      },
      { source: join(model, 'model.pth'), target: '/opt/ml/model/model.pth' },
      { source: join(model, 'tokenizer'), target: '/opt/ml/model/tokenizer' },
      { source, target: '/opt/ml/model/code' },
    ]);
    expect((await readdir(skeleton)).sort()).toEqual(['code', 'model.pth', 'tokenizer']);
    expect((await stat(join(skeleton, 'model.pth'))).size).toBe(0);
    expect((await stat(join(skeleton, 'tokenizer'))).isDirectory()).toBe(true);
    expect((await readdir(model)).sort()).toEqual(['model.pth', 'tokenizer']);
    expect(await artifacts.mounts(model, source)).toEqual(mounts);
  });

  it('are a skeleton with nothing but code where there is no model', async () => {
    const { artifacts, source } = await folders();
    const mounts = await artifacts.mounts(undefined, source);
    expect(mounts.map(({ target }) => target)).toEqual(['/opt/ml/model', '/opt/ml/model/code']);
    expect(await readdir(mounts[0]?.source ?? '')).toEqual(['code']);
  });

  it.each(['file', 'symbolic link'])(
    'hide a code %s of the model behind the source',
    async (kind) => {
      const { artifacts, model, source } = await folders();
      if (kind === 'file') await writeFile(join(model, 'code'), 'no directory');
      else await symlink('tokenizer', join(model, 'code'));
      const mounts = await artifacts.mounts(model, source);
      expect(mounts).toHaveLength(4);
      expect(mounts.at(-1)).toEqual({ source, target: '/opt/ml/model/code' });
    },
  );

  it('follow a symbolic link at the top level to what is inside the model', async () => {
    const { artifacts, model, source } = await folders();
    await symlink('model.pth', join(model, 'latest.pth'));
    expect(await artifacts.mounts(model, source)).toContainEqual({
      source: join(model, 'model.pth'),
      target: '/opt/ml/model/latest.pth',
    });
  });

  it.each(['/etc/passwd', '../source', 'missing'])(
    'are refused for a symbolic link to %s',
    async (target) => {
      const { artifacts, model, source } = await folders();
      await symlink(target, join(model, 'link'));
      await expect(artifacts.mounts(model, source)).rejects.toMatchObject({
        name: 'SmlocalError',
        message: expect.stringContaining(join(model, 'link')),
        hint: expect.stringContaining('mkdir'),
      });
    },
  );
});
