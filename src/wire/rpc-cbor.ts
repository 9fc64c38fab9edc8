import type { IncomingMessage, ServerResponse } from 'node:http';
import { loadContract } from '../contract/contract.js';
import { awsJsonError } from '../contract/errors.js';
import type { Encoding } from '../contract/serialize.js';
import { ServiceError } from '../errors.js';
import type { UnservedCalls } from '../services/unserved-calls.js';
import { countUnserved, type JsonCall, runJsonOperation } from './aws-json.js';
import { readWhole } from './read-whole.js';

/** `/service/GraniteServiceVersion20100801/operation/GetMetricData`: the service by its target prefix, and the operation. */
const PATH = /^\/service\/(?:[^/]*\.)?([^/.]+)\/operation\/([^/]+)$/;

/** The services that have this protocol, by their target prefixes; no other may be had by it. */
const SERVICES: readonly string[] = ['GraniteServiceVersion20100801'];

/** What a request says that it is. */
const PROTOCOL = 'rpc-v2-cbor';

/** Which service and operation a request in Smithy's RPC v2 CBOR is for; undefined where it is none. */
export function rpcTarget(
  path: string,
  headers: IncomingMessage['headers'],
): { prefix: string; operation: string } | undefined {
  if (headers['smithy-protocol'] !== PROTOCOL) return undefined;
  const [, prefix, operation] = PATH.exec(path) ?? [];
  if (prefix === undefined || operation === undefined || !SERVICES.includes(prefix))
    return undefined;
  return { prefix, operation };
}

/** Answers a request in Smithy's RPC v2 CBOR, as newer SDKs speak to CloudWatch. Throws only what is a bug, after it has answered. */
export async function answerRpc<Context>(
  request: IncomingMessage,
  response: ServerResponse,
  operation: string,
  call: JsonCall<Context>,
  unserved: UnservedCalls,
): Promise<void> {
  // Loaded when it is needed first.
  const { cbor, dateToTag } = await import('@smithy/core/cbor');
  const encoding: Encoding = {
    timestamp: dateToTag,
    blob: (bytes) => bytes,
    list: (items) => items,
    map: (entries) => entries,
  };
  countUnserved(call.service, operation, unserved);
  const send = (statusCode: number, headers: Readonly<Record<string, string>>, body: unknown) => {
    const bytes = cbor.serialize(body);
    response.writeHead(statusCode, {
      ...headers,
      ...{ 'Content-Type': 'application/cbor', 'smithy-protocol': PROTOCOL },
      'Content-Length': bytes.length,
    });
    response.end(bytes);
  };
  try {
    const bytes = await readWhole(request);
    const input = bytes.length === 0 ? {} : decoded(cbor, bytes);
    send(200, {}, (await runJsonOperation(call, operation, input, encoding)) ?? {});
  } catch (error) {
    const answer = awsJsonError(loadContract(call.service.contract), error);
    send(answer.statusCode, answer.headers, JSON.parse(answer.body));
    if (!(error instanceof ServiceError)) throw error;
  }
}

function decoded(cbor: { deserialize(bytes: Uint8Array): unknown }, bytes: Buffer): unknown {
  try {
    return untagged(cbor.deserialize(bytes));
  } catch {
    throw new ServiceError('SerializationException', 400, 'The request body is not valid CBOR.');
  }
}

/** Times are tagged numbers (tag 1, seconds); JSON has the number alone, and no numbers beyond those of JavaScript's. */
function untagged(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(untagged);
  const members = value as Readonly<Record<string, unknown>>;
  if (typeof members.tag === 'number' && 'value' in members) return untagged(members.value);
  return Object.fromEntries(Object.entries(members).map(([name, one]) => [name, untagged(one)]));
}
