import { createHash } from 'node:crypto';
import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const MB = 1_000_000;

/** How many small files a tokenizer's or an image model's folder may have, in 1 GB. */
const SMALL_FILES = 5000;
const GB = 1e9;

/**
 * Data as a model has them: weights that do not compress, tables of numbers and texts that do, zeros, many small files; and a
 * handler. The same bytes each time.
 * @param {string} folder
 * @param {number} size in bytes
 * @returns {Promise<{ model: string, code: string, bytes: number, files: number }>}
 */
export async function makeProject(folder, size) {
  const share = size / GB;
  const smallFiles = SMALL_FILES * share;
  const model = join(folder, 'model');
  const code = join(folder, 'code');
  await mkdir(join(model, 'vocabulary'), { recursive: true });
  await mkdir(code);
  await fill(join(model, 'weights.bin'), 500 * MB * share, noise);
  await fill(join(model, 'quantized.bin'), 200 * MB * share, halfNoise);
  await fill(join(model, 'embeddings.txt'), 200 * MB * share, digits);
  await fill(join(model, 'optimizer.bin'), 80 * MB * share, zeros);
  for (let index = 0; index < smallFiles; index += 1) {
    await writeFile(join(model, 'vocabulary', `${index}.txt`), digits(index).subarray(0, 4000));
  }
  await writeFile(join(code, 'inference.py'), 'def model_fn(model_dir):\n    return None\n');
  return { model, code, bytes: 980 * MB * share + smallFiles * 4000, files: smallFiles + 5 };
}

const PIECE = 1 * MB;

/** @param {string} path @param {number} bytes @param {(seed: number) => Buffer} piece */
async function fill(path, bytes, piece) {
  const file = await open(path, 'w');
  for (let index = 0; index < bytes / PIECE; index += 1) await file.writeFile(piece(index));
  await file.close();
}

/** Bytes without a pattern, as the mantissas of trained weights are. @param {number} seed */
function noise(seed) {
  return createHash('shake256', { outputLength: PIECE }).update(`noise ${seed}`).digest();
}

/** Half of the bits carry something. @param {number} seed */
function halfNoise(seed) {
  const bytes = noise(seed);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] &= 0x0f;
  return bytes;
}

/** Numbers in decimal digits, as word vectors are kept. @param {number} seed */
function digits(seed) {
  const bytes = noise(seed);
  for (let at = 0; at < bytes.length; at += 1) {
    bytes[at] = at % 8 === 7 ? 0x20 : 0x30 + (bytes[at] % 10);
  }
  return bytes;
}

function zeros() {
  return Buffer.alloc(PIECE);
}
