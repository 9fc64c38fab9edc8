import type * as S3 from '@aws-sdk/client-s3';
import { SmlocalError } from '../errors.js';
import { aws } from './call.js';
import { isThisMachine } from './endpoint-guard.js';
import type { AwsSettings } from './settings.js';

/** A request to S3, for whom it is and what is asked. Header names are in lower case. */
export interface S3Call {
  readonly method: string;
  readonly bucket: string;
  /** Empty where the bucket is asked. */
  readonly key: string;
  readonly query: Iterable<readonly [name: string, value: string]>;
  readonly headers: Readonly<Record<string, string>>;
}

/** Where a signed request goes, and with which headers. */
export interface SignedRequest {
  readonly protocol: string;
  readonly hostname: string;
  readonly port: number | undefined;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What the SDK has of a request on its way through its pipeline. */
interface Passing {
  method: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  path: string;
  query: Record<string, string | string[]>;
  headers: Record<string, string>;
}

type Handler = (args: { request: Passing }) => Promise<unknown>;

interface Stack {
  add(
    middleware: (next: Handler) => Handler,
    options: { name: string; step: 'build' | 'finalizeRequest'; priority: 'low' },
  ): void;
}

/**
 * Signs requests with the user's credentials for one region. The SDK's own pipeline does it, so that its search for
 * credentials, its rules for addresses and its signer are those of every other client; nothing is sent by it.
 */
export class RequestSigner {
  readonly #settings: AwsSettings;
  readonly #onSecret: (secret: string | undefined) => void;
  #loading: Promise<{ sdk: typeof S3; client: S3.S3Client }> | undefined;

  constructor(settings: AwsSettings, onSecret: (secret: string | undefined) => void) {
    this.#settings = settings;
    this.#onSecret = onSecret;
  }

  /** The client whose settings are signed with, for what is asked as the SDK asks. */
  load() {
    this.#loading ??= load(this.#settings);
    return this.#loading;
  }

  /** @throws SmlocalError where there are no credentials, or where the way to AWS leads to this machine */
  async sign(call: S3Call): Promise<SignedRequest> {
    const { sdk, client } = await this.load();
    const command = new sdk.HeadBucketCommand({ Bucket: call.bucket });
    let signed: Passing | undefined;
    const stack = command.middlewareStack as unknown as Stack;
    stack.add(
      (next) => (args) => {
        this.#checkPlace(args.request);
        rewrite(args.request, call);
        return next(args);
      },
      { name: 'smlocalRewrite', step: 'build', priority: 'low' },
    );
    stack.add(
      () => async (args) => {
        signed = args.request;
        return { response: {}, output: { $metadata: {} } };
      },
      { name: 'smlocalTake', step: 'finalizeRequest', priority: 'low' },
    );
    await aws(`s3://${call.bucket}`, async () => {
      const { secretAccessKey, sessionToken } = await client.config.credentials();
      for (const secret of [secretAccessKey, sessionToken]) this.#onSecret(secret);
      return client.send(command);
    });
    if (signed === undefined) throw new Error('The SDK did not sign the request.');
    const { protocol, hostname, port, path, query, headers } = signed;
    return { protocol, hostname, port, path: path + searchOf(query), headers };
  }

  dispose(): void {
    void this.#loading?.then(({ client }) => client.destroy()).catch(() => undefined);
  }

  #checkPlace({ hostname }: Passing): void {
    if (this.#settings.endpoint !== undefined || !isThisMachine(hostname)) return;
    throw new SmlocalError(`AWS_ENDPOINT_URL, or a profile, leads from smlocal to ${hostname}.`, {
      hint: 'Start smlocal without it, or name another S3 as "endpoint" under "s3:" of config.yml.',
    });
  }
}

async function load(settings: AwsSettings) {
  const sdk = await import('@aws-sdk/client-s3');
  const client = new sdk.S3Client({
    ...settings,
    forcePathStyle: settings.endpoint !== undefined,
    // What is signed is not sent by the SDK, so nothing can be tried again by it either.
    maxAttempts: 1,
  });
  return { sdk, client };
}

function rewrite(request: Passing, { method, key, query, headers }: S3Call): void {
  request.method = method;
  if (key !== '') {
    request.path = `${request.path.replace(/\/$/, '')}/${key.split('/').map(encoded).join('/')}`;
  }
  request.query = {};
  for (const [name, value] of query) {
    request.query[name] = [...[request.query[name] ?? []].flat(), value];
  }
  const host = request.headers.host ?? request.hostname;
  request.headers = { ...headers, host };
}

/** As AWS signs it: everything but letters, digits and four marks. */
function encoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function searchOf(query: Passing['query']): string {
  const pairs = Object.entries(query).flatMap(([name, values]) =>
    [values].flat().map((value) => `${encoded(name)}=${encoded(value)}`),
  );
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}
