import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A handler that costs next to nothing, so that what is around it is measured. */
const HANDLER = `import json


def model_fn(model_dir):
    return {}


def input_fn(body, content_type):
    return json.loads(body)


def predict_fn(data, model):
    return {"version": "code 0", "sum": sum(data)}


def output_fn(prediction, accept):
    return json.dumps(prediction)
`;

export const QUESTION = Buffer.from('[1, 2, 3]');

/**
 * The same project for both engines.
 * @param {'process' | 'docker'} engine
 * @param {{ workers: number }} options
 * @returns {(folder: string) => Promise<void>} writes it into a folder
 */
export function trivialProject(engine, { workers }) {
  const image = engine === 'docker' ? 'smlocal/pytorch-inference' : 'none';
  const config = `engine: ${engine}
environments:
  local:
    endpoint_name: edited
    model_name: trivial
    image: ${image}
    model_data_path: file://model
    source_dir: src
    entry_point: inference.py
    environment: { SAGEMAKER_MODEL_SERVER_WORKERS: "${workers}" }
`;
  return async (folder) => {
    await mkdir(join(folder, 'src'));
    await mkdir(join(folder, 'model'));
    await writeFile(join(folder, 'model', 'nothing'), '');
    await writeFile(join(folder, 'src', 'inference.py'), HANDLER);
    await writeFile(join(folder, 'config.yml'), config);
  };
}
