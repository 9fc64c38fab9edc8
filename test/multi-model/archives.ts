import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { create } from 'tar';

/** Each archive has its own handler and its own module of the same name, which must not get in another's way. */
const HANDLER = `
import json, os
from words import WORD

def model_fn(model_dir):
    with open(os.path.join(model_dir, "weights")) as file:
        return {"word": WORD, "weights": file.read(), "dir": model_dir, "pid": os.getpid()}

def input_fn(data, content_type):
    return json.loads(data)

def predict_fn(data, model):
    if data.get("raise"):
        raise KeyError(data["raise"])
    return {**model, "length": len(data.get("text", ""))}

def output_fn(prediction, accept):
    return json.dumps(prediction)
`;

/** What a model's folder has in it. */
export function modelFiles(word: string): Record<string, string> {
  // At the top: multi-model-server's Python looks there, and only AWS's PyTorch images look in code/ too.
  return { 'inference.py': HANDLER, 'words.py': `WORD = '${word}'\n`, weights: `of ${word}` };
}

/** The same as SageMaker's PyTorch images have it: the handler in code/. */
export function packedFiles(word: string): Record<string, string> {
  const { weights = '', ...handler } = modelFiles(word);
  const code = Object.entries(handler).map(([path, text]) => [`code/${path}`, text]);
  return { weights, ...Object.fromEntries(code) };
}

/** A folder of model archives, as a multi-model endpoint's prefix is. */
export class Archives {
  private constructor(private readonly folder: string) {}

  static async make(): Promise<Archives> {
    return new Archives(await mkdtemp(join(tmpdir(), 'smlocal-archives-')));
  }

  /** The prefix, as ModelDataUrl has it. */
  get url(): string {
    return `${pathToFileURL(this.folder).href}/`;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Puts an archive there, whole; one of that name is replaced. */
  async add(name: string, files: Readonly<Record<string, string>>): Promise<void> {
    const place = this.path(name);
    const content = await mkdtemp(join(tmpdir(), 'smlocal-model-'));
    try {
      for (const [path, text] of Object.entries(files)) {
        await mkdir(dirname(join(content, path)), { recursive: true });
        await writeFile(join(content, path), text);
      }
      await mkdir(dirname(place), { recursive: true });
      await create({ gzip: true, cwd: content, file: `${place}.new` }, Object.keys(files));
      await rename(`${place}.new`, place);
    } finally {
      await rm(content, { recursive: true });
    }
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true });
  }
}
