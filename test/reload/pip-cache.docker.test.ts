import { randomBytes } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { docker } from '../containers/test-image.js';
import { PYTORCH } from '../support/fixtures.js';
import { WatchedDaemon } from '../support/watched.js';

/* A changed requirements.txt: what pip has downloaded for one container, the next one has. */

/** Two packages that no earlier run has left in the cache. */
const RUN = randomBytes(4).toString('hex');
const FIRST = `first_${RUN}`;
const SECOND = `second_${RUN}`;

/** A package index, which may be cached as PyPI's files may, and prints what it is asked for. */
const INDEX = `
import http.server, io, zipfile

def wheel(name):
    data, info = io.BytesIO(), name + "-1.0.dist-info/"
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr(name + ".py", "WORD = %r\\n" % name)
        archive.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: %s\\nVersion: 1.0\\n" % name)
        archive.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        archive.writestr(info + "RECORD", "")
    return data.getvalue()

class Index(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        print(self.path, flush=True)
        name = self.path.strip("/").split("/")[-1].replace("-", "_")
        if self.path.startswith("/simple/"):
            file = name + "-1.0-py3-none-any.whl"
            self.answer("text/html", ("<a href='/files/%s'>%s</a>" % (file, file)).encode())
        else:
            self.answer("application/octet-stream", wheel(name.split("_1.0")[0]), "max-age=365000000, immutable")

    def answer(self, kind, body, caching="max-age=0"):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", caching)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

http.server.ThreadingHTTPServer(("", 8000), Index).serve_forever()
`;

const HANDLER = `import importlib
import importlib.util


def model_fn(model_dir):
    return [importlib.import_module(name).WORD for name in NAMES if importlib.util.find_spec(name)]


NAMES = ["${FIRST}", "${SECOND}"]


def input_fn(body, content_type):
    return body


def predict_fn(data, model):
    return " ".join(model)


def output_fn(prediction, accept):
    return prediction
`;

let index = '';
let watched: WatchedDaemon;

beforeAll(async () => {
  const image = 'smlocal/python-base';
  index = await docker('run', '--detach', '--rm', image, 'python3', '-u', '-c', INDEX);
  watched = await WatchedDaemon.start();
});
afterAll(async () => {
  await watched.stop();
  await docker('rm', '--force', index);
});

const downloads = async () =>
  (await docker('logs', index)).split('\n').filter((path) => path.startsWith('/files/'));

test('A container of a changed requirements.txt downloads only what no container before it has', async () => {
  const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}';
  const address = await docker('inspect', '--format', format, index);
  const requirements = (...names: string[]) =>
    [`--index-url http://${address}:8000/simple/`, `--trusted-host ${address}`, ...names, ''].join(
      '\n',
    );
  const endpoint = await watched.endpoint(
    'requirements',
    { 'inference.py': HANDLER, 'requirements.txt': requirements(FIRST) },
    {
      image: PYTORCH.image,
      modelDataUrl: pathToFileURL(PYTORCH.archive).href,
      entryPoint: 'inference.py',
      environment: { SAGEMAKER_MODEL_SERVER_WORKERS: '1' },
    },
  );
  expect(await endpoint.ask()).toBe(FIRST);
  const report = await endpoint.reloaded(() =>
    endpoint.save('requirements.txt', requirements(FIRST, SECOND)),
  );
  expect(report).toMatchObject({ tier: 'replace', failure: undefined });
  expect(await endpoint.ask()).toBe(`${FIRST} ${SECOND}`);
  const file = (name: string) => `/files/${name}-1.0-py3-none-any.whl`;
  await vi.waitFor(async () => expect(await downloads()).toEqual([file(FIRST), file(SECOND)]));
});
