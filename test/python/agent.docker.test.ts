import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PYTORCH, ROOT, unpackInto } from '../support/fixtures.js';
import { AgentContainer, docker } from './agent-container.js';

const WORKERS = 3;
const TEXT = [['Late goal wins the cup final']];

let container: AgentContainer;

beforeAll(async () => {
  container = await AgentContainer.start({
    image: PYTORCH.image,
    workers: WORKERS,
    model: (folder) => unpackInto(folder, PYTORCH),
    code: `${ROOT}fixtures/text-classifier/code`,
  });
});
afterAll(() => container?.stop());

/** The words that the model answers for, of the answers of enough requests to meet every worker. */
async function words(): Promise<string[]> {
  const answers = await Promise.all(
    Array.from({ length: 4 * WORKERS }, () => container.invoke(TEXT)),
  );
  return [...new Set(answers.map((answer) => JSON.parse(answer)[0].top_n_grams['4'] as string))];
}

const pids = () => container.workers().map(({ pid }) => pid);

const inputBecomes = (expression: string) =>
  container.edit('inference.py', (text) =>
    text.replace(
      / {4}return \[(?:row\[0\]|.*) for row in data\]\n/,
      `    return [${expression} for row in data]\n`,
    ),
  );

describe('the agent in a TorchServe container', () => {
  it('has registered every worker, with what it has really imported', async () => {
    expect(container.workers()).toHaveLength(WORKERS);
    for (const { state, modules, outcome } of container.workers()) {
      expect([state, outcome]).toEqual(['ready', null]);
      expect(Object.keys(modules).sort()).toEqual(['inference', 'network']);
    }
    expect(container.notes()).toEqual([]);
  });

  it("lets the image's own sitecustomize run", async () => {
    const look = 'import sitecustomize; print(sitecustomize.__file__)';
    const file = await docker('exec', container.name, 'python3', '-c', look);
    expect(file).toBe('/usr/lib/python3.11/sitecustomize.py');
  });

  it('answers by a new input_fn, in the same processes and with the model kept', async () => {
    const before = pids();
    await inputBecomes('"red"');
    const { outcomes } = await container.reload('inference.py');
    expect(outcomes).toHaveLength(WORKERS);
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ kind: 'reloaded', functions: ['input_fn'], model: 'kept' });
    }
    expect(await words()).toEqual(['red']);
    expect(pids()).toEqual(before);
  });

  it('takes up a helper two imports away, and a new file', async () => {
    await container.save('deep/words.py', 'def first():\n    return "blue"\n');
    await container.save('helper.py', 'from deep.words import first\n');
    await container.edit('inference.py', (text) => `from helper import first\n${text}`);
    await inputBecomes('first()');
    await container.reload('deep/words.py', 'helper.py', 'inference.py');
    expect(await words()).toEqual(['blue']);
    await container.save('deep/words.py', 'def first():\n    return "green"\n');
    const { outcomes } = await container.reload('deep/words.py');
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({
        changed: ['deep/words.py'],
        functions: ['input_fn'],
        model: 'kept',
      });
    }
    expect(await words()).toEqual(['green']);
  });

  it('goes on with the old code where a file is missing, and says where it is missed', async () => {
    const helper = await container.read('helper.py');
    await container.remove('helper.py');
    const { outcomes } = await container.reload('helper.py');
    for (const { kind, traceback } of outcomes) {
      expect(kind).toBe('failed');
      expect(traceback).toContain('File "/opt/ml/model/code/inference.py", line 1, in <module>');
      expect(traceback).toContain("No module named 'helper'");
    }
    expect(await words()).toEqual(['green']);
    await container.save('helper.py', helper);
    await container.reload('helper.py');
  });

  it('goes on with the old code through a syntax error, until it is mended', async () => {
    const good = await container.read('inference.py');
    await container.edit('inference.py', (text) =>
      text.replace('def output_fn(', 'def output_fn(('),
    );
    const { outcomes } = await container.reload('inference.py');
    for (const { kind, traceback } of outcomes) {
      expect(kind).toBe('failed');
      expect(traceback).toMatch(/inference\.py", line \d+\n.*\n.*\nSyntaxError/);
    }
    expect(await words()).toEqual(['green']);
    await container.save('inference.py', good.replace('first()', '"black"'));
    await container.reload('inference.py');
    expect(await words()).toEqual(['black']);
  });

  it('loads the model anew when model_fn changes, and keeps the old one when that fails', async () => {
    const good = await container.read('inference.py');
    await container.edit('inference.py', (text) =>
      text.replace(
        '    return Classifier(model_dir)\n',
        '    raise RuntimeError("no such model")\n',
      ),
    );
    const failed = await container.reload('inference.py');
    for (const { kind, model, traceback } of failed.outcomes) {
      expect([kind, model]).toEqual(['failed', 'kept']);
      expect(traceback).toMatch(
        /inference\.py", line \d+, in model_fn\n.*\nRuntimeError: no such model$/,
      );
      expect(traceback).not.toContain('transformer.py');
    }
    expect(await words()).toEqual(['black']);
    await container.save(
      'inference.py',
      good.replace('logger.info("Loading', 'logger.info("Now loading'),
    );
    const { outcomes } = await container.reload('inference.py');
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ kind: 'reloaded', functions: ['model_fn'], model: 'loaded' });
    }
    expect(await words()).toEqual(['black']);
  });

  it('finishes a request of three seconds on the code that it started with', async () => {
    const slow = 'def predict_fn(input_data, model):\n    import time\n    time.sleep(3)\n';
    await container.edit('inference.py', (text) =>
      text.replace('def predict_fn(input_data, model):\n', slow).replace('"black"', '"before"'),
    );
    await container.reload('inference.py');
    const asked = container.invoke(TEXT);
    await delay(500); // It is in predict_fn by now.
    await container.edit('inference.py', (text) =>
      text.replace(slow, 'def predict_fn(input_data, model):\n').replace('"before"', '"after"'),
    );
    const { outcomes, milliseconds } = await container.reload('inference.py');
    expect(outcomes.map(({ kind }) => kind)).toEqual(Array(WORKERS).fill('reloaded'));
    expect(milliseconds).toBeLessThan(2000);
    expect(await asked).toContain('before');
    expect(await words()).toEqual(['after']);
  });

  it('is quick', async () => {
    const figures: number[] = [];
    for (let number = 0; number < 30; number++) {
      await inputBecomes(`"word ${number}"`);
      const { outcomes, milliseconds } = await container.reload('inference.py');
      expect(outcomes.every(({ model }) => model === 'kept')).toBe(true);
      figures.push(milliseconds);
    }
    figures.sort((a, b) => a - b);
    const [p50, p95] = [figures[15], figures[28]].map((each) => each?.toFixed(1));
    process.stdout.write(
      `In place, ${WORKERS} workers, request to last answer: p50 ${p50} ms, p95 ${p95} ms\n`,
    );
    expect(figures[15]).toBeLessThan(100);
    expect(container.notes()).toEqual([]);
  });
});
