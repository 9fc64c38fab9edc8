import type { IncomingMessage, ServerResponse } from 'node:http';
import { loadContract } from '../contract/contract.js';
import { awsJsonError } from '../contract/errors.js';
import type { ContractName } from '../contract/model.js';
import { parseInput } from '../contract/parse.js';
import { type Encoding, JSON_ENCODING, serializeOutput } from '../contract/serialize.js';
import { type InvalidCode, validate, validationError } from '../contract/validate.js';
import { ServiceError } from '../errors.js';
import type { StreamedEvent, StreamedRequest } from '../services/streamed.js';
import type { UnservedCalls } from '../services/unserved-calls.js';
import { answerStream } from './json-stream.js';
import { readWhole } from './read-whole.js';
import { refuseUnwritten } from './unwritten.js';

/** A service that speaks AWS JSON, told by its service model and the operations that it has here. */
export interface JsonService<Context> {
  readonly contract: ContractName;
  /** As people call it. */
  readonly title: string;
  /** What it calls an input that breaks the model's constraints. */
  readonly invalidCode: InvalidCode;
  readonly operations: ReadonlyMap<
    string,
    (input: never, context: Context) => Promise<object | undefined>
  >;
  /** Those that answer with a stream of events. */
  readonly streams?: ReadonlyMap<
    string,
    (
      input: never,
      context: Context,
      request: StreamedRequest,
    ) => Promise<AsyncIterable<StreamedEvent>>
  >;
}

/** A service with what its operations may touch for one request. */
export interface JsonCall<Context = unknown> {
  readonly service: JsonService<Context>;
  readonly context: Context;
}

/**
 * One operation from its name and its JSON input to its JSON output, or to another protocol's `encoding`: parsed, checked and
 * serialised by the service model.
 *
 * @returns the answer's body, undefined where the operation has none
 * @throws ServiceError
 */
export async function runJsonOperation<Context>(
  { service, context }: JsonCall<Context>,
  name: string,
  body: unknown,
  encoding: Encoding = JSON_ENCODING,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const contract = loadContract(service.contract);
  const operation = service.operations.get(name);
  if (operation === undefined)
    throw unservedOperation(service, name, contract.isKnownOperation(name));
  const input = checkedInput(service, name, body);
  const output = await operation(input as never, context).catch(refuseUnwritten);
  return serializeOutput(contract, name, { ...output }, encoding);
}

/** An operation's input, checked against the service model. @throws ServiceError */
function checkedInput<Context>(service: JsonService<Context>, name: string, body: unknown): object {
  const contract = loadContract(service.contract);
  const input = parseInput(contract, name, body);
  const violations = validate(contract, name, input);
  if (violations.length > 0) throw validationError(violations, service.invalidCode);
  return input;
}

/** Answers `POST /` with an `X-Amz-Target` of the service's. Throws only what is a bug, after it has answered. */
export async function answerJson<Context>(
  request: IncomingMessage,
  response: ServerResponse,
  call: JsonCall<Context>,
  unserved: UnservedCalls,
): Promise<void> {
  const target = String(request.headers['x-amz-target']);
  const name = target.slice(target.indexOf('.') + 1);
  const contract = loadContract(call.service.contract);
  countUnserved(call.service, name, unserved);
  try {
    const body = await readJson(request);
    const stream = call.service.streams?.get(name);
    if (stream !== undefined) {
      const input = checkedInput(call.service, name, body) as never;
      return await answerStream(response, (request) => stream(input, call.context, request));
    }
    const output = await runJsonOperation(call, name, body);
    const text = output === undefined ? '' : JSON.stringify(output);
    const type = `application/x-amz-json-${contract.metadata.jsonVersion ?? '1.1'}`;
    send(response, { statusCode: 200, headers: { 'Content-Type': type }, body: text });
  } catch (error) {
    if (!response.headersSent) send(response, awsJsonError(contract, error));
    if (!(error instanceof ServiceError)) throw error;
  }
}

/** Notes an operation that AWS has and smlocal has not; those of services beside SageMaker under the service's name. */
export function countUnserved<Context>(
  { contract, operations, streams }: JsonService<Context>,
  name: string,
  unserved: UnservedCalls,
): void {
  if (operations.has(name) || streams?.has(name)) return;
  if (!loadContract(contract).isKnownOperation(name)) return;
  unserved.add(contract === 'sagemaker' ? name : `${contract}:${name}`);
}

function send(
  response: ServerResponse,
  answer: { statusCode: number; headers: Readonly<Record<string, string>>; body: string },
): void {
  response.writeHead(answer.statusCode, {
    ...answer.headers,
    'Content-Length': Buffer.byteLength(answer.body),
  });
  response.end(answer.body);
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const text = (await readWhole(request)).toString('utf8');
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    throw new ServiceError('SerializationException', 400, 'The request body is not valid JSON.');
  }
}

function unservedOperation(
  { title }: Pick<JsonService<never>, 'title'>,
  name: string,
  known: boolean,
): ServiceError {
  if (!known)
    return new ServiceError('UnknownOperationException', 404, `There is no operation ${name}.`);
  return new ServiceError(
    'UnsupportedOperation',
    400,
    `smlocal does not serve the ${title} operation ${name}. docs/fidelity.md lists what it serves.`,
  );
}
