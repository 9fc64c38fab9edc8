import { expect, onTestFinished, test } from 'vitest';
import { environmentDiff } from '../../src/deploy/environment-diff.js';
import { DeployProject } from './project.js';
import { settingsOf } from './settings.js';

const side = (change = {}, digest?: string) => ({ settings: settingsOf(change), digest });

test('Of two that are the same nothing is said', () => {
  expect(environmentDiff(side({ tags: { a: 'b' } }, 'd'), side({ tags: { a: 'b' } }, 'd'))).toEqual(
    [],
  );
});

test('Images, packages, roles and variants are shown as they are', () => {
  const variants = [
    { name: 'AllTraffic', weight: 1, instanceType: 'ml.m5.large', instanceCount: 2 },
  ];
  const found = environmentDiff(
    side({}, 'd1'),
    side({ image: 'other', roleName: 'R', variants }, 'd2'),
  );
  expect(found).toEqual([
    { what: 'image', one: 'image', other: 'other' },
    { what: 'package', one: 'd1', other: 'd2' },
    { what: 'role', one: '–', other: 'R' },
    { what: 'variant AllTraffic', one: '1 × local, weight 1', other: '2 × ml.m5.large, weight 1' },
  ]);
});

test('Of variables the names are shown, and no value', () => {
  const here = { SAME: 'secret-0', CHANGED: 'secret-1', HERE: 'secret-2' };
  const there = { SAME: 'secret-0', CHANGED: 'secret-3', THERE: 'secret-4' };
  const found = environmentDiff(side({ environment: here }), side({ environment: there }));
  expect(found.map(({ what }) => what)).toEqual([
    'environment CHANGED',
    'environment HERE',
    'environment THERE',
  ]);
  expect(JSON.stringify(found)).not.toContain('secret');
});

test('smlocal diff shows it without asking anybody, with the digests of what would be uploaded', async () => {
  const project = await DeployProject.make({ environment: { TOKEN: 'hunter2' } });
  onTestFinished(() => project.remove());
  const { code, stdout, stderr } = await project.smlocal('diff');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toBe(
    'news: local → production\n  variant AllTraffic: 1 × local, weight 1 → 1 × ml.m5.xlarge, weight 1\n',
  );
  const unknown = await project.smlocal('diff', '--env', 'prodution');
  expect(unknown).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('no environment prodution'),
  });
});
