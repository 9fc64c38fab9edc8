import { afterAll, beforeAll, expect, test } from 'vitest';
import { builtImage } from '../support/built-image.js';
import { WatchedDaemon, type WatchedEndpoint } from '../support/watched.js';

/* uvicorn with workers: its supervisor makes new ones when it is told to hang up, of an application that could be imported. */

const DOCKERFILE = `
FROM smlocal/python-base:latest
RUN pip3 install uvicorn==0.35.0
ENTRYPOINT ["sh", "-c", "exec uvicorn --host 0.0.0.0 --port 8080 --workers 2 --app-dir /opt/ml/model/code app:app"]
`;

const APPLICATION = `from words import WORD


async def app(scope, receive, send):
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": WORD.encode()})
`;

let watched: WatchedDaemon;
let endpoint: WatchedEndpoint;

beforeAll(async () => {
  const image = await builtImage('smlocal-test/uvicorn', DOCKERFILE);
  watched = await WatchedDaemon.start();
  const files = { 'app.py': APPLICATION, 'words.py': 'WORD = "one"\n' };
  endpoint = await watched.endpoint('uvicorn', files, { image });
});
afterAll(() => watched.stop());

test("uvicorn's workers are made anew in the same container, and no call is lost meanwhile", async () => {
  const containers = endpoint.containers;
  const ending = new AbortController();
  const clients = Array.from({ length: 4 }, async () => {
    const answers = new Set<string>();
    while (!ending.signal.aborted) answers.add(await endpoint.ask());
    return [...answers];
  });
  const report = await endpoint.reloaded(() => endpoint.replace('words.py', 'one', 'two'));
  expect(report).toMatchObject({ tier: 'workers', failure: undefined });
  expect(report.detail).toBe('2 workers of uvicorn');
  const answers = await Promise.all(Array.from({ length: 20 }, () => endpoint.ask()));
  expect(new Set(answers)).toEqual(new Set(['two']));
  ending.abort();
  for (const heard of await Promise.all(clients))
    expect(['one', 'two']).toEqual(expect.arrayContaining(heard));
  expect(endpoint.containers).toEqual(containers);
});

test('An application that cannot be imported leaves the old workers serving, until it is mended', async () => {
  const containers = endpoint.containers;
  const broken = await endpoint.reloaded(() => endpoint.save('words.py', 'WORD = word\n'));
  expect(broken.failure).toMatch(/words\.py", line 1[\s\S]*NameError: name 'word' is not defined/);
  expect(await endpoint.ask()).toBe('two');

  const mended = await endpoint.reloaded(() => endpoint.save('words.py', 'WORD = "three"\n'));
  expect(mended).toMatchObject({ tier: 'workers', failure: undefined });
  expect(await endpoint.ask()).toBe('three');
  expect(endpoint.containers).toEqual(containers);
});
