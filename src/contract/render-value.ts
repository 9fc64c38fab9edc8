import { truncate } from './code-points.js';

const MAX_PRINTED = 512;

/** A value as Java prints it, `[a, b]` and `{k=v}`, for an error message; a long one is cut and ends in `…`. */
export function renderValue(value: unknown): string {
  const text = render(value);
  const head = truncate(text, MAX_PRINTED);
  return head.length < text.length ? `${head}…` : text;
}

function render(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(render).join(', ')}]`;
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'object' || value === null) return String(value);
  const entries = Object.entries(value).map(([key, item]) => `${key}=${render(item)}`);
  return `{${entries.join(', ')}}`;
}
