import { basename } from 'node:path';
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import { SmlocalError } from '../errors.js';

/** What is wrong with a file, and where. */
export interface Fault {
  readonly path: readonly string[];
  readonly message: string;
  /** A key in what `path` leads to, where the fault is the key's, and not its value's. */
  readonly key?: string;
}

/** Where the parts of a YAML file stand. */
export class Places {
  readonly #name: string;
  readonly #document: Document;
  readonly #lines = new LineCounter();

  /** @throws SmlocalError where the text is no YAML */
  constructor(text: string, file: string) {
    this.#name = basename(file);
    this.#document = parseDocument(text, { merge: true, lineCounter: this.#lines });
    const { errors } = this.#document;
    if (errors.length === 0) return;
    throw faulty(errors.map(({ pos, message }) => this.#at(pos[0], message.split('\n')[0] ?? '')));
  }

  /** The file's content, aliases and merge keys resolved. */
  get content(): unknown {
    return this.#document.toJS() ?? {};
  }

  /** Whether something is written there itself, and did not come in by a merge key. */
  isWritten(path: readonly string[]): boolean {
    return this.#document.hasIn(path);
  }

  /** One error with a line for each fault: where it is and what is wrong. */
  refusal(faults: readonly Fault[]): SmlocalError {
    return faulty(
      faults.map(({ path, message, key }) => {
        const offset = key === undefined ? this.#offsetOf(path) : this.#offsetOfKey(path, key);
        return this.#at(offset, message);
      }),
    );
  }

  #at(offset: number, message: string): string {
    const { line, col } = this.#lines.linePos(offset);
    return `${this.#name}:${line}:${col}: ${message}`;
  }

  /** Where a value stands; a value that came in by a merge key stands where its nearest parent does. */
  #offsetOf(path: readonly string[]): number {
    for (let length = path.length; length > 0; length -= 1) {
      const node = this.#document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return node.range[0];
    }
    return 0;
  }

  /** Where a key stands, not its value, which may begin on another line. */
  #offsetOfKey(path: readonly string[], key: string): number {
    const map = path.length > 0 ? this.#document.getIn(path, true) : this.#document.contents;
    const pair = isMap(map)
      ? map.items.find(({ key: node }) => isScalar(node) && String(node.value) === key)
      : undefined;
    return isScalar(pair?.key) && pair.key.range
      ? pair.key.range[0]
      : this.#offsetOf([...path, key]);
  }
}

function faulty(lines: readonly string[]): SmlocalError {
  return new SmlocalError(lines.join('\n'), {
    hint: 'The README describes every key of config.yml.',
  });
}
