import { XMLBuilder, XMLParser, XMLValidator } from 'fast-xml-parser';

const builder = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: '@' });

/** Values stay text, spaces and all: a key may be `007`, or end with a space. */
const parser = new XMLParser({
  parseTagValue: false,
  trimValues: false,
  ignoreDeclaration: true,
  removeNSPrefix: true,
  htmlEntities: true,
});

/** Written as they are, they would be lost to whoever reads the document, or make it none. */
const CONTROL = /(?![\t\n])[\p{Cc}\ufffe\uffff]/gu;

type Content = Readonly<Record<string, unknown>>;

/** A document: its root, in a namespace, and what is in it. Dates are as S3 and the query protocol write them. */
export function buildXml(root: string, namespace: string, content: Content): string {
  const attributes = namespace === '' ? {} : { '@xmlns': namespace };
  const body: string = builder.build({ [root]: { ...attributes, ...(plain(content) as Content) } });
  const escaped = body.replace(
    CONTROL,
    (character) => `&#x${character.charCodeAt(0).toString(16)};`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${escaped}`;
}

/** The content of a document's root, or undefined where the text is no document with that root. */
export function parseXml(text: string, root: string): Content | undefined {
  if (XMLValidator.validate(text) !== true) return undefined;
  try {
    const content = (parser.parse(text) as Content)[root];
    if (content === '') return {};
    return typeof content === 'object' && content !== null ? (content as Content) : undefined;
  } catch {
    return undefined; // Such as an entity that is not declared.
  }
}

/** Dates as text, and what is undefined left out. */
function plain(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(entries.map(([name, one]) => [name, plain(one)]));
}
