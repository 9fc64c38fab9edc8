import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { EndpointRecord } from '../../src/hosting/records.js';
import { ignoreRules } from '../../src/ignore-rules.js';
import { changesByEndpoint, watchedPaths } from '../../src/reload/watched-paths.js';

let folder: string;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'smlocal-watched-')));
  for (const name of ['code', 'model/code']) mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, 'model.tar.gz'), '');
});

afterEach(() => rmSync(folder, { recursive: true }));

const url = (name: string) => pathToFileURL(join(folder, name)).href;

function endpoint(EndpointName: string, model: string, code?: string): EndpointRecord {
  const now = new Date();
  const Environment: Record<string, string> =
    code === undefined ? {} : { SAGEMAKER_SUBMIT_DIRECTORY: url(code) };
  return {
    EndpointName,
    EndpointArn: `arn:aws:sagemaker:us-east-1:000000000000:endpoint/${EndpointName}`,
    EndpointStatus: 'InService',
    CreationTime: now,
    LastModifiedTime: now,
    Tags: [],
    deployment: {
      id: EndpointName,
      EndpointConfigName: EndpointName,
      startTime: now,
      cause: 'test',
      variants: [
        {
          variant: { VariantName: 'AllTraffic' },
          container: { Image: 'image', ModelDataUrl: url(model), Environment },
          instanceCount: 1,
          weight: 1,
        },
      ],
    },
  };
}

test('A handler and a model that two endpoints share change for both', () => {
  const watched = watchedPaths([
    endpoint('one', 'model.tar.gz', 'code'),
    endpoint('two', 'model.tar.gz', 'code'),
  ]);
  const changes = changesByEndpoint(watched, [
    join(folder, 'code/helpers/text.py'),
    join(folder, 'model.tar.gz'),
  ]);
  const expected = [
    { root: 'code', path: 'helpers/text.py' },
    { root: 'model', path: 'model.tar.gz' },
  ];
  expect(Object.fromEntries(changes)).toEqual({ one: expected, two: expected });
});

test('A file outside of what is watched changes nothing, also where its name begins alike', () => {
  const watched = watchedPaths([endpoint('one', 'model.tar.gz', 'code')]);
  expect(changesByEndpoint(watched, [join(folder, 'code2/x.py')]).size).toBe(0);
});

test('The handler inside a model folder is code, unless another folder covers it', () => {
  const handler = join(folder, 'model/code/inference.py');
  const own = changesByEndpoint(watchedPaths([endpoint('one', 'model')]), [handler]);
  expect(own.get('one')).toEqual([{ root: 'code', path: 'inference.py' }]);
  const covered = changesByEndpoint(watchedPaths([endpoint('one', 'model', 'code')]), [handler]);
  expect(covered.get('one')).toEqual([{ root: 'model', path: 'code/inference.py' }]);
});

test('Byte code, editors’ own files, and what .gitignore and config.yml name are left out of the watch', () => {
  writeFileSync(join(folder, '.gitignore'), 'data/\n');
  const ignored = ignoreRules(folder, ['*.ipynb']);
  const left = [
    '__pycache__/a.pyc',
    '.inference.py.swp',
    'inference.py~',
    '4913',
    'data/x',
    'n.ipynb',
  ];
  expect(left.filter((path) => !ignored(join(folder, path), false))).toEqual([]);
  // So that what is in them is not even looked at.
  expect(
    ['__pycache__', '.git', 'data'].filter((path) => !ignored(join(folder, path), true)),
  ).toEqual([]);
  const kept = ['inference.py', 'data.py', 'helpers/__init__.py', 'labels.json'];
  expect(kept.filter((path) => ignored(join(folder, path), false))).toEqual([]);
});
