/** What file systems allow in one name. */
const MOST_NAME_BYTES = 255;

/** A file that is still being copied into a bucket's folder; no key is such. */
const PARTIAL = /^\.smlocal-[0-9a-f-]{36}\.partial$/;

/** Characters and names that Windows has other uses for. */
const NOT_ON_WINDOWS = /[\\:*?"<>|]|[. ]$|^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/** Whether a name in a bucket's folder is one of ours and no part of a key. */
export function isPartial(name: string): boolean {
  return PARTIAL.test(name);
}

/**
 * The names of folders and file under the bucket's folder that a key stands for, or undefined where no file can stand for
 * it: a part between slashes is empty (`a//b`, and `a/` at the end), `.` or `..`, too long, or holds what no name may.
 */
export function naturalPath(key: string, platform = process.platform): string[] | undefined {
  const parts = key.split('/');
  return parts.every((part) => isFileName(part, platform)) ? parts : undefined;
}

function isFileName(part: string, platform: NodeJS.Platform): boolean {
  if (part === '' || part === '.' || part === '..' || part.includes('\0')) return false;
  if (Buffer.byteLength(part) > MOST_NAME_BYTES || isPartial(part)) return false;
  return platform !== 'win32' || !NOT_ON_WINDOWS.test(part);
}
