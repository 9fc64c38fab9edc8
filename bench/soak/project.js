import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Says which version it is of, so that a reload is seen, and answers with as many letters as it is asked for. */
const HANDLER = `import json


def model_fn(model_dir):
    return {}


def input_fn(body, content_type):
    return json.loads(body)


def predict_fn(data, model):
    return {"version": "code 0", "sum": sum(data["numbers"]), "letters": "x" * data["letters"]}


def output_fn(prediction, accept):
    return json.dumps(prediction)
`;

const CONFIG = `engine: process
environments:
  local:
    endpoint_name: edited
    model_name: soaked
    image: none
    model_data_path: file://model
    source_dir: src
    entry_point: inference.py
    environment: { SAGEMAKER_MODEL_SERVER_WORKERS: "2" }
`;

/** One endpoint, `edited`, a local process of two workers. @param {string} folder */
export async function writeSoakProject(folder) {
  await mkdir(join(folder, 'src'));
  await mkdir(join(folder, 'model'));
  await writeFile(join(folder, 'model', 'nothing'), '');
  await writeFile(join(folder, 'src', 'inference.py'), HANDLER);
  await writeFile(join(folder, 'config.yml'), CONFIG);
}

/**
 * A question, and what an answer to it must contain.
 * @param {number} numbers how many are to be added up: two bytes each
 * @param {number} letters how many bytes the answer is to have beside its other fields
 */
export function question(numbers, letters) {
  const body = Buffer.from(JSON.stringify({ numbers: Array(numbers).fill(1), letters }));
  return { body, sum: `"sum": ${numbers},`, letters };
}
