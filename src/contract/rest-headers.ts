import type { IncomingHttpHeaders } from 'node:http';
import type { Contract } from './contract.js';
import { isSet } from './is-set.js';
import type { MemberRef } from './model.js';
import type { Members } from './parse.js';
import { parseScalar, serializationError } from './scalars.js';

/** What a REST request says outside its body; the path is as it came, still encoded. */
export interface RestRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

/**
 * The input members that a REST operation takes from its path and headers, by the model's `location`; the payload is
 * not among them. A header that was not sent is absent, which is not the same as empty. Throws ServiceError
 * `SerializationException`, 400, for a number that is none and for a path with a broken escape.
 */
export function parseRestInput(
  contract: Contract,
  operationName: string,
  { path, headers }: RestRequest,
): Members {
  const labels = labelsOf(contract.operation(operationName)?.http.requestUri ?? '', path);
  const input: Record<string, unknown> = {};
  const members = contract.structureOf(operationName, 'input')?.members ?? {};
  for (const [name, member] of Object.entries(members)) {
    const text = textOf(name, member, labels, headers);
    if (text !== undefined) input[name] = parseText(contract, member, text);
  }
  return input;
}

/** The headers that carry members of a REST operation's output; members that are not set send none. */
export function restOutputHeaders(
  contract: Contract,
  operationName: string,
  output: Members,
): Record<string, string> {
  const headers: Record<string, string> = {};
  const members = contract.structureOf(operationName, 'output')?.members ?? {};
  for (const [name, member] of Object.entries(members)) {
    const value = output[name];
    if (member.location !== 'header' || !isSet(value)) continue;
    headers[member.locationName ?? name] = String(value);
  }
  return headers;
}

function textOf(
  name: string,
  { location, locationName = name }: MemberRef,
  labels: ReadonlyMap<string, string>,
  headers: IncomingHttpHeaders,
): string | undefined {
  if (location === 'uri') return labels.get(locationName);
  if (location !== 'header') return undefined;
  const value = headers[locationName.toLowerCase()];
  return Array.isArray(value) ? value.join(', ') : value;
}

function parseText(contract: Contract, member: MemberRef, text: string): unknown {
  const shape = contract.shape(member.shape);
  if (shape.type === 'integer') {
    return parseScalar(shape, /^[+-]?\d+$/.test(text) ? Number(text) : text);
  }
  return text;
}

/** The parts of the path that stand where the template has `{Name}`; the query is no part of it. */
function labelsOf(template: string, path: string): ReadonlyMap<string, string> {
  const parts = path.split('?', 1).join('').split('/');
  const labels = new Map<string, string>();
  for (const [index, part] of template.split('/').entries()) {
    const label = /^\{(.+)\}$/.exec(part)?.[1];
    const text = parts[index];
    if (label !== undefined && text !== undefined) labels.set(label, decoded(text));
  }
  return labels;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw serializationError('The request path has an invalid percent-encoding');
  }
}
