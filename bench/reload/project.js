import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { extract } from 'tar';

const FIXTURES = new URL('../../fixtures/', import.meta.url);

/** The fixture's handler, with its answers' version and its model's where the benchmark can change them. */
const STAMPS = [
  [
    'return [model.predict(text) for text in input_data]',
    'return [dict(model.predict(text), version="code 0", model=model.version, environment=os.environ.get("BENCH_VERSION")) for text in input_data]',
  ],
  [
    '    return Classifier(model_dir)',
    '    model = Classifier(model_dir)\n    model.version = "model 0"\n    return model',
  ],
];

/** What makes the loading of the model slow. */
const SLOW = [
  ['import os\n', 'import os\nimport time\n'],
  ['    model = Classifier(', '    time.sleep(5)\n    model = Classifier('],
];

/**
 * The text classifier in a folder of its own, its code in src/.
 * @param {string} folder
 * @param {{ slow?: boolean }} [options]
 */
export async function writeClassifier(folder, { slow = false } = {}) {
  await unpack('text-classifier', join(folder, 'unpacked'));
  const source = join(folder, 'src');
  await cp(join(folder, 'unpacked', 'code'), source, { recursive: true });
  const stamps = slow ? [...STAMPS, ...SLOW] : STAMPS;
  await edit(join(source, 'inference.py'), (text) => stamps.reduce(replaced, text));
  await writeConfig(folder, [
    'endpoint_name: edited',
    'model_name: classifier',
    'image: smlocal/pytorch-inference',
    `model_data_path: ${new URL('text-classifier/build/model.tar.gz', FIXTURES).href}`,
    'source_dir: src',
    'entry_point: inference.py',
    'environment: { BENCH_VERSION: "environment 0" }',
  ]);
}

/**
 * The entity tagger, its Flask application in src/ and gunicorn led there.
 * @param {string} folder
 */
export async function writeTagger(folder) {
  const source = join(folder, 'src');
  await mkdir(source, { recursive: true });
  await cp(fileURLToPath(new URL('images/flask-app', FIXTURES)), source, { recursive: true });
  await edit(join(source, 'app.py'), (text) =>
    replaced(text, [
      'return Response(json.dumps(predictions, indent=4), mimetype="application/json")',
      'answer = {"version": "code 0", "environment": os.environ["BENCH_VERSION"], "found": predictions}\n    return Response(json.dumps(answer), mimetype="application/json")',
    ]),
  );
  await writeConfig(folder, [
    'endpoint_name: edited',
    'model_name: tagger',
    'image: smlocal/flask-app',
    `model_data_path: ${new URL('entity-tagger/build/model.tar.gz', FIXTURES).href}`,
    'source_dir: src',
    'environment: { GUNICORN_CMD_ARGS: --chdir=/opt/ml/model/code, BENCH_VERSION: "environment 0" }',
  ]);
}

/** @param {string} fixture @param {string} folder */
async function unpack(fixture, folder) {
  await mkdir(folder, { recursive: true });
  const file = fileURLToPath(new URL(`${fixture}/build/model.tar.gz`, FIXTURES));
  await extract({ file, cwd: folder });
}

/** @param {string} folder @param {readonly string[]} settings */
async function writeConfig(folder, settings) {
  const lines = settings.map((line) => `    ${line}\n`).join('');
  await writeFile(join(folder, 'config.yml'), `environments:\n  local:\n${lines}`);
}

/**
 * Writes a file in place, as most editors do.
 * @param {string} file
 * @param {(text: string) => string} change
 */
export async function edit(file, change) {
  await writeFile(file, change(await readFile(file, 'utf8')));
}

/** @param {string} text @param {readonly string[]} pair */
function replaced(text, [from, to]) {
  if (!text.includes(from)) throw new Error(`The fixture has changed: it has no ${from}`);
  return text.replace(from, to);
}
