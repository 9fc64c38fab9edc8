import { execFile } from 'node:child_process';
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { create, extract } from 'tar';

/** The root of the checkout. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A body to send, and how. */
export interface Sample {
  readonly file: string;
  readonly contentType: string;
}

/** One of the three real serving images with the model that was trained for it (scripts/images and scripts/models). */
export interface Fixture {
  readonly image: string;
  readonly archive: string;
  /** What SageMaker's own SDK sets for such a model, beside the data. */
  readonly environment: Readonly<Record<string, string>>;
  readonly good: Sample;
  readonly bad: Sample;
}

const at = (path: string) => `${ROOT}fixtures/${path}`;

/** AWS's PyTorch container, the handler within the archive: texts in, odds of four classes out. */
export const PYTORCH: Fixture = {
  image: 'smlocal/pytorch-inference',
  archive: at('text-classifier/build/model.tar.gz'),
  environment: {
    SAGEMAKER_PROGRAM: 'inference.py',
    SAGEMAKER_SUBMIT_DIRECTORY: '/opt/ml/model/code',
    // One worker, whatever the machine has.
    SAGEMAKER_MODEL_SERVER_WORKERS: '1',
  },
  good: { file: at('text-classifier/samples/request.json'), contentType: 'application/json' },
  bad: { file: at('text-classifier/samples/bad-request.json'), contentType: 'application/json' },
};

/** TorchServe with a .mar of its own: an image in, the five best classes out. */
export const TORCHSERVE: Fixture = {
  image: 'smlocal/torchserve',
  archive: at('image-classifier/build/model.tar.gz'),
  environment: {},
  good: { file: at('image-classifier/samples/star.png'), contentType: 'image/png' },
  bad: { file: at('text-classifier/samples/request.json'), contentType: 'image/png' },
};

/** Flask behind gunicorn: strings in, their named entities out. It is up in half a second. */
export const FLASK: Fixture = {
  image: 'smlocal/flask-app',
  archive: at('entity-tagger/build/model.tar.gz'),
  environment: {},
  good: { file: at('entity-tagger/samples/request.json'), contentType: 'application/json' },
  bad: { file: at('entity-tagger/samples/bad-request.json'), contentType: 'application/json' },
};

/** Unpacks a fixture's model into a folder of the test's own. */
export async function unpackInto(folder: string, { archive }: Fixture): Promise<string> {
  await mkdir(folder, { recursive: true });
  await extract({ file: archive, cwd: folder });
  return folder;
}

/** A handler that needs no package at all, for processes: texts in, odds of four classes out. */
export const PLAIN = {
  environment: {
    SAGEMAKER_PROGRAM: 'inference.py',
    SAGEMAKER_SUBMIT_DIRECTORY: '/opt/ml/model/code',
    SAGEMAKER_MODEL_SERVER_WORKERS: '1',
  },
  good: PYTORCH.good,
  bad: PYTORCH.bad,
};

/** Trains the model of {@link PLAIN}, which takes a second, and packs it with its handler. */
export async function makePlainArchive(folder: string): Promise<string> {
  const model = join(folder, 'plain');
  const program = at('plain-classifier/train.py');
  await promisify(execFile)('python3', [program, at('text-classifier/data/headlines.tsv'), model]);
  await cp(at('plain-classifier/code'), join(model, 'code'), { recursive: true });
  const file = join(folder, 'plain.tar.gz');
  await create({ cwd: model, gzip: true, file }, ['.']);
  return file;
}
