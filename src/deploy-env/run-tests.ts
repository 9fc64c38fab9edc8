import { readFile } from 'node:fs/promises';
import { sageMakerRuntime } from '../aws/clients.js';
import type { AwsSettings } from '../aws/settings.js';
import type { EndpointSettings } from '../config/config.js';
import type { TestSettings } from '../config/test-settings.js';
import { type Answer, differences } from '../deploy/expectation.js';
import { SmlocalError } from '../errors.js';

/** How one test went. */
export interface Outcome {
  readonly name: string;
  /** What was not as expected; none where it passed. */
  readonly differences: readonly string[];
  readonly milliseconds: number;
}

/** Asks an endpoint what its tests say, one after the other, and holds each answer against what is expected. */
export async function runTests(
  { endpointName, tests = [] }: EndpointSettings,
  settings: AwsSettings,
  signal: AbortSignal,
  onOutcome: (outcome: Outcome) => void,
): Promise<readonly Outcome[]> {
  const runtime = await sageMakerRuntime({ ...settings, maxAttempts: 1 });
  const outcomes: Outcome[] = [];
  try {
    for (const one of tests) {
      signal.throwIfAborted();
      const Body = await payloadOf(one);
      const file = one.expected.file && (await readExpected(one.expected.file));
      const begun = performance.now();
      const answer = await ask(runtime, endpointName, one, Body, signal);
      const milliseconds = performance.now() - begun;
      const found = differences(answer, one.expected, file || undefined);
      const outcome = { name: one.name, differences: found, milliseconds };
      outcomes.push(outcome);
      onOutcome(outcome);
    }
    return outcomes;
  } finally {
    runtime.client.destroy();
  }
}

type Runtime = Awaited<ReturnType<typeof sageMakerRuntime>>;

/** What the container refuses is an answer too. @throws what is none: no network, no credentials */
async function ask(
  { sdk, client }: Runtime,
  EndpointName: string,
  { contentType, accept, variant, targetModel }: TestSettings,
  Body: Uint8Array,
  abortSignal: AbortSignal,
): Promise<Answer> {
  try {
    const answer = await client.send(
      new sdk.InvokeEndpointCommand({
        ...{ EndpointName, Body, ContentType: contentType },
        ...{ Accept: accept, TargetVariant: variant, TargetModel: targetModel },
      }),
      { abortSignal },
    );
    const status = answer.$metadata.httpStatusCode ?? 200;
    return { status, contentType: answer.ContentType, body: Buffer.from(answer.Body ?? []) };
  } catch (error) {
    if (error instanceof sdk.ModelError) {
      const { OriginalStatusCode: status = 500, OriginalMessage = error.message } = error;
      return { status, contentType: undefined, body: Buffer.from(OriginalMessage) };
    }
    if (!(error instanceof sdk.SageMakerRuntimeServiceException)) throw error;
    throw new SmlocalError(`${EndpointName} cannot be tested: ${error.name}: ${error.message}`, {
      hint: 'Deploy it first: smlocal deploy, with the same --env; locally "smlocal up" serves it as well.',
      cause: error,
    });
  }
}

/** The bytes that a test sends. @throws SmlocalError where its file cannot be read */
export async function payloadOf({ name, payload }: TestSettings): Promise<Buffer> {
  if ('body' in payload) {
    const { body } = payload;
    return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  }
  return readFile(payload.file).catch((error: unknown) => {
    throw unreadable(`The payload of the test ${name}`, payload.file, error);
  });
}

/** @throws SmlocalError where the file cannot be read */
export function readExpected(file: string): Promise<Buffer> {
  return readFile(file).catch((error: unknown) => {
    throw unreadable('What a test expects', file, error);
  });
}

function unreadable(what: string, file: string, cause: unknown): SmlocalError {
  return new SmlocalError(`${what} cannot be read: ${file}`, {
    hint: 'Paths under "tests:" are relative to config.yml.',
    cause,
  });
}
