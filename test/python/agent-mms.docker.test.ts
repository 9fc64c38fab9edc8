import { afterEach, describe, expect, it } from 'vitest';
import { AgentContainer } from './agent-container.js';
import { multiModelServerImage } from './mms-image.js';

const WORKERS = 2;

const HANDLER = {
  'inference.py': `
from helper import WORD

def model_fn(model_dir):
    return {"requests": 0}

def input_fn(data, content_type):
    return data

def predict_fn(data, model):
    model["requests"] += 1
    return "%s %d" % (WORD, model["requests"])

def output_fn(prediction, accept):
    return prediction
`,
  'helper.py': 'from deep import WORD\n',
  'deep.py': "WORD = 'one'\n",
};

let container: AgentContainer | undefined;
afterEach(() => container?.stop());

async function start(code: Readonly<Record<string, string>>, state: 'ready' | 'failed' = 'ready') {
  const image = await multiModelServerImage();
  container = await AgentContainer.start({
    image,
    workers: WORKERS,
    model: async () => {},
    code,
    state,
  });
  return container;
}

/** The words of the answers of enough requests to meet every worker. */
async function words(from: AgentContainer): Promise<string[]> {
  const answers = await Promise.all(Array.from({ length: 10 }, () => from.invoke('x')));
  return [...new Set(answers.map((answer) => answer.split(' ')[0] ?? ''))];
}

describe('the agent in a multi-model-server container', { timeout: 300_000 }, () => {
  it('reloads a helper two imports away in every forked worker, the model kept', async () => {
    const served = await start(HANDLER);
    const pids = served.workers().map(({ pid }) => pid);
    expect(await words(served)).toEqual(['one']);
    await served.save('deep.py', "WORD = 'two'\n");
    const { outcomes } = await served.reload('deep.py');
    expect(outcomes).toHaveLength(WORKERS);
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ kind: 'reloaded', functions: ['predict_fn'], model: 'kept' });
    }
    // The model has counted the requests before the reload.
    expect(Number((await served.invoke('x')).split(' ')[1])).toBeGreaterThan(1);
    expect(await words(served)).toEqual(['two']);
    expect(served.workers().map(({ pid }) => pid)).toEqual(pids);
    expect(served.notes()).toEqual([]);
  });

  it('loads a changed model beside the old one', async () => {
    const served = await start(HANDLER);
    await served.edit('inference.py', (text) => text.replace('"requests": 0', '"requests": 1000'));
    const { outcomes } = await served.reload('inference.py');
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ kind: 'reloaded', functions: ['model_fn'], model: 'loaded' });
    }
    expect(await served.invoke('x')).toBe('one 1001');
  });

  it('mends workers whose handler never worked, at the save', async () => {
    const served = await start(
      { ...HANDLER, 'inference.py': 'import helper\nbroken(\n' },
      'failed',
    );
    for (const { outcome } of served.workers()) {
      expect(outcome?.kind).toBe('failed');
      expect(outcome?.traceback).toContain('/opt/ml/model/code/inference.py", line 2');
    }
    await served.save('inference.py', HANDLER['inference.py']);
    await served.save('deep.py', "WORD = 'mended'\n");
    const { outcomes } = await served.reload('inference.py', 'deep.py');
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ kind: 'reloaded', model: 'loaded' });
    }
    expect(await words(served)).toEqual(['mended']);
  });
});
