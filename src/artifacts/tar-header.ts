const BLOCK = 512;

/** What a member of a package is known by: nothing of the machine that packed it. */
export interface PackedMember {
  /** Its path in the archive; a directory's ends with a slash. */
  readonly name: string;
  readonly kind: 'file' | 'directory' | 'symlink';
  readonly size: number;
  readonly mode: number;
  /** What a symbolic link points at; empty for the others. */
  readonly linkpath: string;
}

/**
 * 2000-01-01. Not 1970: TorchServe's archiver zips what SageMaker has unpacked, and a zip knows no year before 1980,
 * whatever the time zone.
 */
const MTIME = 946_684_800;

const TYPES = { file: '0', directory: '5', symlink: '2' } as const;

/** What the ustar header has room for: eleven octal digits. */
const MAX_OCTAL_SIZE = 0o77777777777;

/** Two blocks of zeros. */
export const END_OF_ARCHIVE = Buffer.alloc(2 * BLOCK);

/** The zeros between a file's content and the next header. */
export function paddingFor(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}

/**
 * The header of a member, the same bytes on every machine: POSIX's ustar, with a PAX header before it for what ustar has no
 * room for (long and non-ASCII names, 8 GiB and more).
 */
export function headerOf(member: PackedMember): Buffer {
  const records: [string, string][] = [];
  const split = splitName(member.name);
  if (split === undefined) records.push(['path', member.name]);
  if (!fits(member.linkpath, 100)) records.push(['linkpath', member.linkpath]);
  if (member.size > MAX_OCTAL_SIZE) records.push(['size', String(member.size)]);
  const header = block(member, split ?? { prefix: '', name: shortened(member.name) });
  return records.length === 0 ? header : Buffer.concat([paxOf(member, records), header]);
}

function paxOf(member: PackedMember, records: readonly [string, string][]): Buffer {
  const body = Buffer.from(records.map(([key, value]) => record(key, value)).join(''));
  const name = shortened(`PaxHeaders/${member.name}`);
  const header = block(
    { name, kind: 'file', size: body.length, mode: 0o644, linkpath: '' },
    { prefix: '', name },
    'x',
  );
  return Buffer.concat([header, body, paddingFor(body.length)]);
}

/** `LENGTH KEY=VALUE\n`, where the length counts its own digits. */
function record(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  if (String(length).length > String(rest).length) length = rest + String(length).length;
  return `${length} ${key}=${value}\n`;
}

function block(
  { kind, size, mode, linkpath }: PackedMember,
  { prefix, name }: { prefix: string; name: string },
  type: string = TYPES[kind],
): Buffer {
  const header = Buffer.alloc(BLOCK);
  header.write(name, 0, 100, 'latin1');
  octal(header, 100, 8, mode);
  octal(header, 108, 8, 0);
  octal(header, 116, 8, 0);
  octal(header, 124, 12, size > MAX_OCTAL_SIZE ? 0 : size);
  octal(header, 136, 12, MTIME);
  header.write(type, 156, 'latin1');
  header.write(shortened(linkpath), 157, 100, 'latin1');
  header.write('ustar\u000000', 257, 'latin1');
  header.write(prefix, 345, 155, 'latin1');
  header.fill(' ', 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}

function octal(header: Buffer, at: number, length: number, value: number): void {
  header.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'latin1');
}

/** A name as ustar splits it at a slash, or undefined where it has no room. */
function splitName(name: string): { prefix: string; name: string } | undefined {
  if (fits(name, 100)) return { prefix: '', name };
  if (!isAscii(name)) return undefined;
  const slash = name.indexOf('/', Math.max(0, name.length - 101));
  if (slash <= 0 || slash > 155 || slash === name.length - 1) return undefined;
  return { prefix: name.slice(0, slash), name: name.slice(slash + 1) };
}

function fits(text: string, bytes: number): boolean {
  return text.length <= bytes && isAscii(text);
}

function isAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}

/** What a reader without PAX sees. */
function shortened(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '_').slice(0, 100);
}
