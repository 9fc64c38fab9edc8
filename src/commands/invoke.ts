import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { sageMakerRuntime } from '../aws/clients.js';
import { LOCAL_CREDENTIALS } from '../aws/variables.js';
import { stateFolderFor } from '../daemon/state-folder.js';
import { ExitCode, SmlocalError } from '../errors.js';
import { DaemonClient } from './daemon-client.js';

export interface InvokeOptions {
  readonly config?: string;
  readonly stateDir?: string;
  readonly file?: string;
  readonly contentType: string;
  readonly accept?: string;
  readonly targetVariant?: string;
  readonly targetModel?: string;
}

/** `smlocal invoke`: one InvokeEndpoint through the AWS SDK; the answer's body goes to standard output as it is. */
export async function invoke(
  EndpointName: string,
  body: string | undefined,
  options: InvokeOptions,
): Promise<ExitCode> {
  const { url, credentials } = DaemonClient.get(stateFolderFor(options, process.env));
  const Body = await requestBody(body, options.file);
  // Which Node the SDK will want in years to come is no news to whoever invokes an endpoint.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  const { sdk, client } = await sageMakerRuntime({
    endpoint: url,
    region: 'us-east-1',
    credentials: credentials ?? LOCAL_CREDENTIALS,
    maxAttempts: 1,
  });
  try {
    const answer = await client.send(
      new sdk.InvokeEndpointCommand({
        EndpointName,
        Body,
        ContentType: options.contentType,
        Accept: options.accept,
        TargetVariant: options.targetVariant,
        TargetModel: options.targetModel,
      }),
    );
    process.stdout.write(answer.Body ?? '');
    if (process.stdout.isTTY) process.stdout.write('\n');
    return ExitCode.ok;
  } catch (error) {
    if (!(error instanceof sdk.SageMakerRuntimeServiceException)) throw error;
    throw new SmlocalError(`${error.name}: ${error.message}`, {
      hint: `Type "smlocal logs ${EndpointName}" to see what its container printed.`,
      exitCode: ExitCode.endpointFailed,
      cause: error,
    });
  } finally {
    client.destroy();
  }
}

async function requestBody(
  body: string | undefined,
  file: string | undefined,
): Promise<Uint8Array> {
  if (body !== undefined && file !== undefined) {
    throw new SmlocalError('Both a body and --file are given.', {
      hint: 'Give one of them.',
      exitCode: ExitCode.usage,
    });
  }
  if (body !== undefined) return Buffer.from(body);
  if (file !== undefined && file !== '-') return readFile(file);
  if (file === undefined && process.stdin.isTTY) {
    throw new SmlocalError('There is no body.', {
      hint: "Give it as an argument, with --file FILE, or on standard input: echo '[1]' | smlocal invoke ENDPOINT",
      exitCode: ExitCode.usage,
    });
  }
  return buffer(process.stdin);
}
