import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PYTHON_FILES } from '../../src/containers/process/python.js';
import { succeed } from '../support/run.js';
import { WatchedDaemon } from '../support/watched.js';

/* A server of the user's own in place of a container, and what a handler's requirements.txt asks for. */

const SERVER = `
import json, os, sys
from http.server import BaseHTTPRequestHandler, HTTPServer

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer(b"")

    def do_POST(self):
        model = os.environ["SM_MODEL_DIR"]
        data = self.rfile.read(int(self.headers["content-length"]))
        with open(os.path.join(model, "weights")) as file:
            weights = file.read()
        try:
            open(os.path.join(model, "new"), "w")
            writable = True
        except OSError:
            writable = False
        self.answer(json.dumps({"got": data.decode(), "weights": weights, "writable": writable, "cwd": os.getcwd(),
                                "arguments": sys.argv[1:], "secret": os.environ.get("AWS_SECRET_ACCESS_KEY")}).encode())

    def answer(self, body):
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

HTTPServer(("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Handler).serve_forever()
`;

let folder: string;
let watched: WatchedDaemon;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'smlocal-own-'));
  watched = await WatchedDaemon.start({}, 'process');
});
afterAll(async () => {
  await watched.stop();
  await rm(folder, { recursive: true });
});

test('A server of the user’s own finds its port, its model and its code, and none of our credentials', async () => {
  const model = join(folder, 'model');
  await mkdir(model);
  await writeFile(join(model, 'weights'), 'heavy');
  process.env.AWS_SECRET_ACCESS_KEY ??= 'ours';
  const endpoint = await watched.endpoint(
    'own',
    { 'server.py': SERVER },
    {
      image: 'any',
      modelDataUrl: pathToFileURL(model).href,
      command: 'python3 server.py "$GREETING"',
      environment: { GREETING: 'good day' },
    },
  );
  const answer = JSON.parse(await endpoint.ask({ a: 1 }));
  expect(answer).toMatchObject({
    got: '{"a":1}',
    weights: 'heavy',
    arguments: ['good day'],
  });
  // It has keys that are good for smlocal alone.
  expect(answer.secret).not.toBe(process.env.AWS_SECRET_ACCESS_KEY);
  expect(answer.cwd).toMatch(/\/opt\/ml\/model\/code$/);
  const changed = await endpoint.reloaded(() =>
    endpoint.replace('server.py', '{"got"', '{"new": True, "got"'),
  );
  expect(changed).toMatchObject({ tier: 'replace', failure: undefined });
  expect(JSON.parse(await endpoint.ask())).toMatchObject({ new: true });
});

test('A command that does not exist fails the endpoint, and says so', async () => {
  const failed = watched.endpoint('missing', {}, { image: 'any', command: 'no-such-server' });
  await expect(failed).rejects.toThrow(/no-such-server/);
});

test('What requirements.txt asks for is there; a changed one is taken by a new process', async () => {
  const [one, two] = await Promise.all([wheel('one'), wheel('two')]);
  const handler = [
    'import importlib.util',
    'def model_fn(model_dir): return 1',
    'def input_fn(data, content_type): return data',
    'def predict_fn(data, model): return [name for name in ("one", "two") if importlib.util.find_spec("smlocal_" + name)]',
    'def output_fn(prediction, accept): return ",".join(prediction)',
  ].join('\n');
  const endpoint = await watched.endpoint(
    'packages',
    { 'inference.py': handler, 'requirements.txt': `${one}\n` },
    { image: 'any', environment: { SAGEMAKER_MODEL_SERVER_WORKERS: '1' } },
  );
  expect(await endpoint.ask()).toBe('one');
  const report = await endpoint.reloaded(() =>
    endpoint.save('requirements.txt', `${one}\n${two}\n`),
  );
  expect(report).toMatchObject({ tier: 'replace', failure: undefined });
  expect(await endpoint.ask()).toBe('one,two');
  const broken = await endpoint.reloaded(() =>
    endpoint.save('requirements.txt', './nowhere.whl\n'),
  );
  expect(broken.failure).toMatch(/nowhere\.whl/);
  expect(await endpoint.ask()).toBe('one,two');
});

test('Where nothing can be mounted, links lead to the model, and the environment to the links', async () => {
  const places = {
    model: join(folder, 'linked'),
    code: join(folder, 'linked-code'),
    ours: join(folder, 'ours'),
  };
  await Promise.all(Object.values(places).map((place) => mkdir(place)));
  await mkdir(join(places.model, 'code'));
  await writeFile(join(places.model, 'weights'), 'light');
  await writeFile(join(places.code, 'inference.py'), '');
  const mounts = [
    { source: places.code, target: '/opt/ml/model/code' },
    { source: places.model, target: '/opt/ml/model' },
  ];
  const script = `
import json, os, sys
from smlocal_launcher import links
moved = links.show(json.loads(sys.argv[1]), sys.argv[2])
model, path = moved("/opt/ml/model"), moved("/usr/lib:/opt/ml/model/code")
print(json.dumps([sorted(os.listdir(model)), os.listdir(path.split(":")[1]), path.split(":")[0], moved("/opt/mlx")]))`;
  const printed = await succeed('python3', ['-c', script, JSON.stringify(mounts), places.ours], {
    env: { PATH: process.env.PATH, PYTHONPATH: PYTHON_FILES },
  });
  expect(JSON.parse(printed)).toEqual([
    ['code', 'weights'],
    ['inference.py'],
    '/usr/lib',
    '/opt/mlx',
  ]);
});

/** A package with nothing in it, as pip installs it without asking anybody. */
async function wheel(name: string): Promise<string> {
  const script = `
import sys, zipfile
name, folder = sys.argv[1:]
info = name + "-1.dist-info/"
with zipfile.ZipFile(folder + "/" + name + "-1-py3-none-any.whl", "w") as file:
    file.writestr(name + "/__init__.py", "")
    file.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: " + name + "\\nVersion: 1\\n")
    file.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    file.writestr(info + "RECORD", "")
`;
  await succeed('python3', ['-c', script, `smlocal_${name}`, folder]);
  return join(folder, `smlocal_${name}-1-py3-none-any.whl`);
}
