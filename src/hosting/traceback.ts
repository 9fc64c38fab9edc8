/** `  File "/usr/lib/python3.11/…", line 5, in f`: how Python begins a frame of a traceback. */
const FRAME = /^(\s*)File "([^"]+)", line \d+/;

/** Where the user's own code lies in a serving container. */
const OWN_CODE = '/opt/ml/';

/**
 * Log lines without the traceback frames of the server and its libraries: what is left of a traceback is the exception and
 * the user's own lines, which are what a person looks for when room is scarce.
 */
export function withoutFrames(lines: readonly string[]): string[] {
  let hiddenIndent: number | undefined;
  return lines.filter((line) => {
    const frame = FRAME.exec(line);
    if (frame !== null) {
      const [, indent = '', path = ''] = frame;
      hiddenIndent = path.startsWith(OWN_CODE) ? undefined : indent.length;
      return hiddenIndent === undefined;
    }
    if (hiddenIndent !== undefined && indentOf(line) > hiddenIndent) return false;
    hiddenIndent = undefined;
    return true;
  });
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}
