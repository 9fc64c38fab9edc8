import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Header } from 'tar';
import { onTestFinished } from 'vitest';
import { type ArtifactLimits, createArtifacts } from '../../src/artifacts/artifacts.js';
import type { ModelData } from '../../src/artifacts/model-data.js';
import { createLogger } from '../../src/log.js';

/** A member of a test archive; `type` is the letter in the header, `raw` overwrites bytes of it at an offset. */
export interface Member {
  readonly name: string;
  readonly type?: string;
  readonly content?: string | Buffer;
  readonly mode?: number;
  readonly linkpath?: string;
  readonly mtime?: Date;
  readonly raw?: readonly (readonly [number, string | Buffer])[];
}

export const END = Buffer.alloc(1024);

/** The bytes of a tar archive with its end mark. */
export function tarOf(...members: readonly Member[]): Buffer {
  return Buffer.concat([...members.map(memberBytes), END]);
}

export function targz(...members: readonly Member[]): Buffer {
  return gzipSync(tarOf(...members));
}

export function memberBytes(member: Member): Buffer {
  const content = Buffer.from(member.content ?? '');
  const block = Buffer.alloc(512);
  block.write(member.name, 0, 100);
  new Header({
    mode: member.mode ?? (member.type === '5' ? 0o755 : 0o644),
    uid: 12345,
    gid: 12345,
    size: content.length,
    mtime: member.mtime ?? new Date(1_700_000_000_000),
  }).encode(block);
  block.write(member.name, 0, 100);
  block.write(member.type ?? '0', 156);
  block.write(member.linkpath ?? '', 157, 100);
  for (const [at, bytes] of member.raw ?? []) Buffer.from(bytes).copy(block, at);
  return Buffer.concat([checksummed(block), padded(content)]);
}

/** Records of a PAX header, each with its length before it. */
export function paxRecords(records: Readonly<Record<string, string>>): string {
  return Object.entries(records)
    .map(([key, value]) => {
      const rest = Buffer.byteLength(` ${key}=${value}\n`);
      let length = rest + String(rest).length;
      if (String(length).length > String(rest).length) length = rest + String(length).length;
      return `${length} ${key}=${value}\n`;
    })
    .join('');
}

function checksummed(block: Buffer): Buffer {
  block.fill(' ', 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

function padded(content: Buffer): Buffer {
  return Buffer.concat([content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}

/** A directory for one test, removed after it. */
async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'smlocal-artifacts-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** Artifacts on a state directory of their own, beside a folder for the user's files. */
export async function artifactsForTest(limits: Partial<ArtifactLimits> = {}) {
  const root = await temporaryDirectory();
  const stateDir = join(root, 'state');
  const artifacts = createArtifacts({ stateDir, limits, log: createLogger() });
  const put = async (content: Buffer | string, name = 'model.tar.gz'): Promise<ModelData> => {
    await writeFile(join(root, name), content);
    return { uri: `file://${join(root, name)}`, compression: 'Gzip' };
  };
  return { root, stateDir, artifacts, put, models: join(stateDir, 'cache', 'models') };
}
