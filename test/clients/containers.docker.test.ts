import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FLASK, PYTORCH, TORCHSERVE } from '../support/fixtures.js';
import { pythonClients } from '../support/python-clients.js';
import { passed } from './matrix.js';
import { sdkClient, UserProject } from './user-project.js';

/* Scripts as their authors have them, names of images in AWS's registry among it; real containers. */

const REGISTRY = '000000000000.dkr.ecr.us-east-1.amazonaws.com';

let project: UserProject;

beforeAll(async () => {
  project = await UserProject.start({
    engine: 'docker',
    images: {
      '763104351884.dkr.ecr.*.amazonaws.com/pytorch-inference:*': PYTORCH.image,
      [`${REGISTRY}/torchserve:v1`]: TORCHSERVE.image,
      [`${REGISTRY}/ner:*`]: FLASK.image,
    },
  });
});
afterAll(() => project.remove());

const script = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** What a script prints last: the SDKs say more before it, on the same line too. */
const seenIn = (out: string) => JSON.parse(/\{.*\}\s*$/.exec(out)?.[0] ?? '');

// At once, for the SDK's own deploy() looks after half a minute and not before.
test.concurrent.each([
  ['PyTorchModel.deploy() of the SDK 2', '2'],
  ['ModelBuilder.deploy() of the SDK 3', '3'],
] as const)(
  'AWS’s PyTorch image is what %s names, and what stands for it answers by the handler',
  { timeout: 200_000 },
  async (_, sdk) => {
    const python = join(await sdkClient(`sagemaker-${sdk}`), `sagemaker-${sdk}`, 'bin', 'python');
    const saw = seenIn(await project.exec([python, script(`sagemaker/pytorch-${sdk}.py`)]));
    expect(saw.image).toMatch(/^763104351884\.dkr\.ecr\.us-east-1\.\S+\/pytorch-inference:2\.6/);
    expect(saw.answer).toEqual({ products: [40] });
    passed(`SageMaker Python SDK ${sdk}`, ['containers']);
  },
);

test.concurrent('The tutorials of a TorchServe image and of a serverless Flask application run with boto3 as they are written', {
  timeout: 200_000,
}, async () => {
  const bin = join(await pythonClients(), 'bin');
  const files = [TORCHSERVE.archive, TORCHSERVE.good.file, FLASK.archive, join(bin, 'aws')];
  const out = await project.exec([join(bin, 'python'), script('documents.py'), ...files]);
  expect(seenIn(out)).toEqual({
    shape: 'star',
    policies: 2,
    entities: ['Leon Scott Kennedy', 'Raccoon City'],
    streamed: true,
  });
  passed('boto3', ['stream']);
});
