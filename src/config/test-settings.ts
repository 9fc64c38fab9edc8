import { resolve } from 'node:path';
import type { Fault } from './places.js';
import type { TestBlock } from './test-schema.js';

/** A request to an endpoint, and what its answer has to be. Paths are absolute here. */
export interface TestSettings {
  readonly name: string;
  readonly payload: { readonly body: unknown } | { readonly file: string };
  readonly contentType: string;
  readonly accept?: string;
  readonly variant?: string;
  readonly targetModel?: string;
  readonly expected: Expected;
}

export interface Expected {
  readonly status: number;
  readonly contentType?: string;
  readonly json?: unknown;
  readonly tolerance: number;
  readonly text?: string;
  readonly contains?: string;
  readonly file?: string;
}

/** The tests of an endpoint; those with faults are left out, and the faults added to the list. */
export function testSettings(
  blocks: Readonly<Record<string, TestBlock>> = {},
  { path, directory }: { readonly path: readonly string[]; readonly directory: string },
  faults: Fault[],
): TestSettings[] {
  return Object.entries(blocks).flatMap(([name, block]) => {
    const { body, file, accept, variant, expect = {} } = block;
    if ((body === undefined) === (file === undefined)) {
      const at = [...path, 'tests', name];
      const what = file === undefined ? 'neither body nor file' : 'both body and file';
      faults.push({ path: at, message: `${at.join('.')} has ${what}; it needs one of them` });
      return [];
    }
    const { status = 200, content_type: contentType, tolerance = 0, ...rest } = expect;
    return {
      ...{ name, accept, variant, targetModel: block.target_model },
      payload: file === undefined ? { body } : { file: resolve(directory, file) },
      contentType: block.content_type ?? 'application/json',
      expected: {
        ...{ ...rest, status, contentType, tolerance },
        file: rest.file === undefined ? undefined : resolve(directory, rest.file),
      },
    };
  });
}
