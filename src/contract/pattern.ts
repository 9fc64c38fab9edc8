/** What Java's regular expressions have and JavaScript's have not, by the text after the backslash. */
const JAVA_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['A', '^'],
  ['z', '$'],
  ['p{Print}', '\\x20-\\x7E'],
]);

/**
 * Compiles a pattern of the service model, which is in Java's dialect and without anchors, to a JavaScript expression
 * that matches the whole string by code points. Java lets any punctuation be escaped and the `u` flag does not, so
 * `\-` and `\_` become their code. Throws SyntaxError for a pattern that is not legal even so; the tests hold every
 * pattern of the models against Java itself.
 */
export function compilePattern(pattern: string): RegExp {
  // Outside of a set of characters it is one by itself.
  const grouped = pattern.replace(/(?<!\[)\\p\{Print\}/g, '[\\p{Print}]');
  const adapted = grouped.replace(
    /\\(p\{Print\}|[\s\S])/g,
    (whole, name: string) => JAVA_ESCAPES.get(name) ?? literal(name) ?? whole,
  );
  return new RegExp(`^(?:${adapted})$`, 'u');
}

/** The `\xHH` of an escaped ASCII character that has no meaning in a pattern of its own. */
function literal(name: string): string | undefined {
  if (!/^[ !"#%&',:;<=>@_`~-]$/.test(name)) return undefined;
  return `\\x${name.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
