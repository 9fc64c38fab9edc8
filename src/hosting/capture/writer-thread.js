// @ts-check
// What runs in the thread that writes captured requests. JavaScript, for Node loads it as it is: from dist/, and from src/ in tests.
import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { parentPort, workerData } from 'node:worker_threads';

/** @typedef {import('./slab-message.js').SlabMessage} SlabMessage */
/** @typedef {import('./slab-message.js').SlabDone} SlabDone */
/** @typedef {import('./capture-settings.js').TextTypes} TextTypes */

/** @type {{ HEAD_BYTES: number, ABSENT: number, MOST_INLINE: number }} */
const { HEAD_BYTES, ABSENT, MOST_INLINE } = workerData;

/** A body is encoded so much at a time, however long it is: a multiple of three, so that base64 can be joined. */
const PIECE_BYTES = 3 * 8 * 1024;

/** Text is gathered until it is so long: one long piece costs far less than many short ones. */
const TEXT_LENGTH = 64 * 1024;

/** Room for a text, and a piece of which JSON has made six characters a byte, at three bytes a character. Every file is done with it when its slab is. */
const buffer = Buffer.allocUnsafeSlow(1024 * 1024);

/** A file on its way to the disk, in large writes. Nothing waits until it is there: with the power its last seconds may go, as a log's do. */
class OutFile {
  #text = '';
  #filled = 0;
  #size = 0;

  /** @param {string} path */
  constructor(path) {
    this.path = path;
    this.handle = openSync(path, 'wx', 0o644);
  }

  /** @param {string} text */
  write(text) {
    this.#text += text;
    if (this.#text.length >= TEXT_LENGTH) this.#encode();
  }

  /** Has all that was written in the file. */
  flush() {
    this.#encode();
    this.#empty();
  }

  /** @returns {import('./slab-message.js').WrittenFile} */
  end() {
    closeSync(this.handle);
    return { path: this.path, size: this.#size };
  }

  discard() {
    closeSync(this.handle);
    rmSync(this.path, { force: true });
  }

  #encode() {
    if (3 * this.#text.length > buffer.length - this.#filled) this.#empty();
    this.#filled += buffer.write(this.#text, this.#filled);
    this.#text = '';
  }

  #empty() {
    for (let from = 0; from < this.#filled; ) {
      from += writeSync(this.handle, buffer, from, this.#filled - from);
    }
    this.#size += this.#filled;
    this.#filled = 0;
  }
}

/** @type {Map<number, OutFile>} */
const files = new Map();

parentPort?.on('message', (/** @type {SlabMessage} */ message) => {
  const { file, slab, bytes } = message;
  const done = { file, slab, bytes, ...takeIn(message) };
  parentPort?.postMessage(done, [slab]);
});

/** @param {SlabMessage} message @returns {Pick<SlabDone, 'whole' | 'fault'>} */
function takeIn(message) {
  const { file, path, isFirst, isLast } = message;
  try {
    if (isFirst) files.set(file, new OutFile(path));
    const out = files.get(file);
    if (out === undefined) return {}; // It has failed before.
    writeSlab(out, message);
    out.flush();
    if (!isLast) return {};
    const whole = out.end();
    files.delete(file);
    return { whole };
  } catch (error) {
    files.get(file)?.discard();
    files.delete(file);
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}

/** @param {OutFile} out @param {SlabMessage} message */
function writeSlab(out, { slab, used, large, types }) {
  const bytes = Buffer.from(slab, 0, used);
  const apart = large.values();
  let at = 0;
  /** @param {number} length */
  const next = (length) => {
    at += length;
    return bytes.subarray(at - length, at);
  };
  /** @param {number} length */
  const nextBody = (length) => {
    if (length === ABSENT) return undefined;
    return length > MOST_INLINE ? Buffer.from(apart.next().value ?? slab, 0, length) : next(length);
  };
  const describe = describer(types);
  while (at < used) {
    const head = next(HEAD_BYTES);
    const about = describe(next(head.readUInt32LE(8)).toString());
    const input = nextBody(head.readUInt32LE(12));
    const output = nextBody(head.readUInt32LE(16));
    out.write('{"captureData":{');
    if (input) writeBody(out, about.input, input);
    if (input && output) out.write(',');
    if (output) writeBody(out, about.output, output);
    out.write(
      `},"eventMetadata":{"eventId":"${randomUUID()}"${about.given},"inferenceTime":"${timeOf(head.readDoubleLE(0))}"},"eventVersion":"0"}\n`,
    );
  }
}

/** What stands around a body. @typedef {{ opening: string, encoding: 'CSV' | 'JSON' | 'BASE64' }} Frame */

/**
 * What a line says about a request beside its bodies; most say what the one before has said.
 * @param {TextTypes} types
 */
function describer(types) {
  /** @type {string | undefined} */
  let known;
  let description = {
    input: frame('Input', '', types),
    output: frame('Output', '', types),
    given: '',
  };
  return (/** @type {string} */ about) => {
    if (about === known) return description;
    const [input = '', output = '', inferenceId = '', attributes = ''] = about.split('\n');
    const given = {
      inferenceId: inferenceId || undefined,
      customAttributes: attributes ? [attributes] : undefined,
    };
    const members = JSON.stringify(given).slice(1, -1);
    known = about;
    description = {
      input: frame('Input', input, types),
      output: frame('Output', output, types),
      given: members && `,${members}`,
    };
    return description;
  };
}

/** @param {'Input' | 'Output'} which @param {string} type @param {TextTypes} types @returns {Frame} */
function frame(which, type, { csv, json }) {
  const mediaType = type.split(';', 1).join('').trim().toLowerCase();
  return {
    opening: `"endpoint${which}":{"observedContentType":${JSON.stringify(type)},"mode":"${which.toUpperCase()}","data":"`,
    encoding: csv.includes(mediaType) ? 'CSV' : json.includes(mediaType) ? 'JSON' : 'BASE64',
  };
}

/** @param {OutFile} out @param {Frame} frame @param {Buffer} body */
function writeBody(out, { opening, encoding: wanted }, body) {
  // What is said to be text and is none can only be kept so.
  const encoding = wanted === 'BASE64' || isUtf8(body) ? wanted : 'BASE64';
  out.write(opening);
  const decoder = encoding === 'BASE64' ? undefined : new StringDecoder('utf8');
  for (let from = 0; from < body.length; from += PIECE_BYTES) {
    const piece = body.subarray(from, from + PIECE_BYTES);
    // The decoder cuts between characters, so what is escaped piece by piece is what would be escaped whole.
    out.write(
      decoder ? JSON.stringify(decoder.write(piece)).slice(1, -1) : piece.toString('base64'),
    );
  }
  out.write(`","encoding":"${encoding}"}`);
}

let second = 0;
let secondInWords = '';

/** In seconds, as the guide's example has it. @param {number} time */
function timeOf(time) {
  if (second === Math.floor(time / 1000)) return secondInWords;
  second = Math.floor(time / 1000);
  secondInWords = `${new Date(time).toISOString().slice(0, 19)}Z`;
  return secondInWords;
}
