import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/**
 * Who may import whom, by folder of src/ (a file that lies in src/ itself counts as one), but for {@link EVERYBODY}.
 * docs/ARCHITECTURE.md says why; a new arrow is a decision, to be made here and there.
 */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  cli: ['commands'],
  index: ['config', 'daemon', 'deploy-env'],
  commands: [
    'artifacts',
    'aws',
    'bench',
    'config',
    'containers',
    'daemon',
    'deploy',
    'deploy-env',
    'reload',
  ],
  bench: ['aws'],
  'deploy-env': ['artifacts', 'aws', 'config', 'containers', 'daemon', 'deploy'],
  daemon: [
    ...['artifacts', 'aws', 'config', 'containers', 'deploy', 'hosting', 'reload', 'services'],
    ...['state', 'wire'],
  ],
  wire: ['artifacts', 'contract', 'hosting', 'services'],
  services: ['artifacts', 'contract', 'hosting', 'state'],
  reload: ['containers', 'hosting'],
  deploy: ['artifacts', 'aws', 'config', 'contract'],
  hosting: ['artifacts', 'containers', 'state'],
  containers: ['aws'],
  artifacts: [],
  aws: [],
  state: [],
  contract: [],
  config: [],
};

/** Small words of ours that whoever likes may use; they import nothing but each other. */
const EVERYBODY = [
  'errors',
  'flush',
  'ignore-rules',
  'log',
  'mount',
  'progress',
  'secrets',
  'shared-work',
  'shipped',
  'version',
];

/** Who may build the engine that stands behind the port. */
const MAY_IMPORT_DOCKER = [
  'src/daemon/start-daemon.ts',
  'src/commands/down.ts',
  'src/commands/status.ts',
];

/** Its types are AWS's words, which are ours from wire to store. */
const WORDS = '@aws-sdk/client-sagemaker';

const MOST_LINES = 250;

const root = fileURLToPath(new URL('../', import.meta.url));

interface Import {
  readonly file: string;
  readonly target: string;
  readonly typeOnly: boolean;
}

const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.[jt]s$/.test(path))
  .map((path) => `src/${path}`);

const IMPORT =
  /^\s*(?:import|export)\s+(type\s)?[^;'"]*?from\s+'([^']+)'|^\s*import\s+'([^']+)'|import\('([^']+)'\)/gm;

const imports = files.flatMap((file): Import[] => {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(IMPORT)].map(([, type, named, bare, dynamic]) => ({
    file,
    target: named ?? bare ?? dynamic ?? '',
    typeOnly: type !== undefined,
  }));
});

/** The folder of src/ that a file is in, or the file's own name where it lies in src/ itself. */
function folderOf(file: string): string {
  const [, first = '', ...rest] = file.split('/');
  return rest.length > 0 ? first : first.replace(/\.[jt]s$/, '');
}

const ours = imports
  .filter(({ target }) => target.startsWith('.'))
  .map((one) => ({ ...one, target: normalize(join(dirname(one.file), one.target)) }));

test('Every folder imports only what the house allows it', () => {
  const arrows = ours
    .map(({ file, target }) => ({ from: folderOf(file), to: folderOf(target), file }))
    .filter(({ from, to }) => from !== to && !EVERYBODY.includes(to))
    .filter(({ from, to }) => !ALLOWED[from]?.includes(to))
    .map(({ from, to, file }) => `${from} → ${to} (${file})`);
  expect(arrows).toEqual([]);
});

test('What everybody may import imports nobody else', () => {
  const arrows = ours
    .filter(({ file }) => EVERYBODY.includes(folderOf(file)))
    .filter(({ target }) => !EVERYBODY.includes(folderOf(target)))
    .map(({ file, target }) => `${file} → ${target}`);
  expect(arrows).toEqual([]);
});

test('Nobody but who builds the daemon knows which engine stands behind the port', () => {
  const others = ours
    .filter(({ target }) => target === 'src/containers/docker.js')
    .map(({ file }) => file)
    .filter((file) => !MAY_IMPORT_DOCKER.includes(file));
  expect(others).toEqual([]);
});

test('What decides does no input or output', () => {
  const pure = ['src/hosting/plan.ts', 'src/hosting/status.ts', 'src/hosting/choose-variant.ts'];
  const running = imports.filter(({ file, typeOnly }) => pure.includes(file) && !typeOnly);
  expect(running.map(({ target }) => target)).toEqual(['../containers/labels.js']);
});

test('Each third-party package is imported in one folder', () => {
  const importers = new Map<string, Set<string>>();
  for (const { file, target, typeOnly } of imports) {
    if (target.startsWith('.') || target.startsWith('node:')) continue;
    const name = target.split('/', target.startsWith('@') ? 2 : 1).join('/');
    if (name === WORDS && typeOnly) continue;
    importers.set(name, (importers.get(name) ?? new Set()).add(folderOf(file)));
  }
  expect(importers.size).toBeGreaterThan(5);
  const shared = [...importers].filter(([, folders]) => folders.size > 1);
  expect(shared.map(([name, folders]) => `${name}: ${[...folders].join(', ')}`)).toEqual([]);
});

test(`No file is longer than ${MOST_LINES} lines`, () => {
  const long = files
    .map((file) => [file, readFileSync(join(root, file), 'utf8').trimEnd().split('\n').length])
    .filter(([, lines]) => Number(lines) > MOST_LINES);
  expect(long).toEqual([]);
});
