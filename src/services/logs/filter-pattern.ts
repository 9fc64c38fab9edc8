import { invalidParameter } from './errors.js';

/** Whether a message is wanted. */
export type Filter = (message: string) => boolean;

/** `?term`, `-term`, `"a phrase"` with escaped quotes, `%a regular expression%`, or a word. */
const TERM = /([?-]?)(?:"((?:[^"\\]|\\.)*)"|%([^%]*)%|(\S+))/gy;

/**
 * A filter pattern for text (developer guide, "Filter pattern syntax"): every term must be there, and none of those with a
 * minus; where all have a question mark, one is enough, and among others those have no effect. Case counts.
 *
 * @throws ServiceError `InvalidParameterException` for patterns that look into JSON (`{ … }`) or columns (`[ … ]`), which
 * smlocal does not read, and for a regular expression that is none
 */
export function compileFilter(pattern: string): Filter {
  const text = pattern.trim();
  if (text === '') return () => true;
  if (text.startsWith('{') || text.startsWith('[')) {
    throw invalidParameter(
      'Invalid filter pattern: smlocal reads patterns for text, not those for JSON or columns.',
    );
  }
  const terms = termsOf(text);
  const optional = terms.filter(({ sign }) => sign === '?');
  const wanted = terms.filter(({ sign }) => sign === '');
  const unwanted = terms.filter(({ sign }) => sign === '-');
  return (message) => {
    if (unwanted.some(({ holds }) => holds(message))) return false;
    if (wanted.length > 0) return wanted.every(({ holds }) => holds(message));
    return optional.length === 0 || optional.some(({ holds }) => holds(message));
  };
}

interface Term {
  readonly sign: string;
  readonly holds: Filter;
}

function termsOf(text: string): Term[] {
  const terms: Term[] = [];
  for (const part of partsOf(text)) {
    const [, sign = '', phrase, expression, word] = part;
    if (expression !== undefined) {
      terms.push({ sign, holds: matcher(expression) });
    } else {
      const term = phrase?.replace(/\\(.)/g, '$1') ?? plainWord(word ?? '');
      terms.push({ sign, holds: (message) => message.includes(term) });
    }
  }
  return terms;
}

function* partsOf(text: string): Generator<RegExpExecArray> {
  const term = new RegExp(TERM);
  let at = 0;
  while (at < text.length) {
    term.lastIndex = at;
    const part = term.exec(text);
    if (part === null) throw invalidParameter('Invalid filter pattern.');
    yield part;
    at = term.lastIndex;
    while (/\s/.test(text[at] ?? '')) at += 1;
  }
}

/** Words with other than letters, digits and underscores have to be quoted (developer guide); the usual ones are let be. */
function plainWord(word: string): string {
  if (/^[^"?%{}[\]()&|=<>*]+$/u.test(word)) return word;
  throw invalidParameter(`Invalid character(s) in term '${word}'`);
}

/** What the service lets a regular expression have (developer guide): no groups, no look-around. */
const EXPRESSION = /^(?:[\w\s:@#=/,.;!'"<>~`&^$*+?|[\]{}-]|\\.)+$/;

function matcher(expression: string): Filter {
  try {
    if (EXPRESSION.test(expression)) {
      const compiled = new RegExp(expression);
      return (message) => compiled.test(message);
    }
  } catch {
    // Refused below.
  }
  throw invalidParameter(`Invalid regular expression in filter pattern: ${expression}`);
}
