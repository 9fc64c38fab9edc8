import {
  Agent,
  type ClientRequest,
  type IncomingMessage,
  request as plainRequest,
} from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';
import { messageOf, SmlocalError } from '../errors.js';
import { aws } from './call.js';
import type { AwsSettings } from './settings.js';
import { RequestSigner, type S3Call, type SignedRequest } from './signed-request.js';

/** How long a connection may take, and how long nothing may come over it: to complete an upload takes S3 minutes. */
const CONNECT_MS = 5_000;
const SILENCE_MS = 300_000;

export interface RemoteCall extends S3Call {
  readonly body?: AsyncIterable<Buffer>;
  readonly signal?: AbortSignal;
}

/** An object as a listing tells of it. */
export interface ListedObject {
  readonly key: string;
  readonly etag: string;
}

/** An S3 that is not this one: requests are signed with the user's credentials, and go and come as streams. */
export class RemoteS3 {
  readonly #settings: AwsSettings;
  readonly #onSecret: (secret: string | undefined) => void;
  readonly #signers = new Map<string, RequestSigner>();
  readonly #regions = new Map<string, string>();
  readonly #agents = {
    'http:': new Agent({ keepAlive: true }),
    'https:': new SecureAgent({ keepAlive: true }),
  };

  /** @param onSecret told of the secrets of the user's credentials, before they are used */
  constructor(settings: AwsSettings, onSecret: (secret: string | undefined) => void) {
    this.#settings = settings;
    this.#onSecret = onSecret;
  }

  /**
   * Sends a request and gives the answer, whatever its status, as soon as its headers are there.
   * @throws SmlocalError where nothing answers, or there are no credentials; whatever the body throws
   */
  async send(call: RemoteCall): Promise<IncomingMessage> {
    return this.#sendSigned(await this.#sign(call), call);
  }

  /** Every object whose key begins so. @throws ServiceError, SmlocalError */
  async *list(bucket: string, prefix: string, signal?: AbortSignal): AsyncGenerator<ListedObject> {
    const region = await this.#regionOf(bucket);
    const { sdk, client } = await this.#signer(region).load();
    let token: string | undefined;
    do {
      const input = { Bucket: bucket, Prefix: prefix, ContinuationToken: token };
      const page = await aws(`s3:ListObjectsV2 of ${bucket}`, () =>
        client.send(new sdk.ListObjectsV2Command(input), signal && { abortSignal: signal }),
      );
      for (const { Key: key = '', ETag: etag = '' } of page.Contents ?? []) yield { key, etag };
      token = page.NextContinuationToken;
    } while (token !== undefined);
  }

  close(): void {
    for (const signer of this.#signers.values()) signer.dispose();
    for (const agent of Object.values(this.#agents)) agent.destroy();
  }

  async #sign(call: S3Call): Promise<SignedRequest> {
    return this.#signer(await this.#regionOf(call.bucket)).sign(call);
  }

  #signer(region: string): RequestSigner {
    const known = this.#signers.get(region);
    if (known !== undefined) return known;
    const signer = new RequestSigner({ ...this.#settings, region }, this.#onSecret);
    this.#signers.set(region, signer);
    return signer;
  }

  /** AWS answers for a bucket in its own region only, which any other region tells, even to whom it refuses the rest. */
  async #regionOf(bucket: string): Promise<string> {
    const { endpoint, region } = this.#settings;
    if (endpoint !== undefined) return region;
    const known = this.#regions.get(bucket);
    if (known !== undefined) return known;
    const head = { method: 'HEAD', bucket, key: '', query: [], headers: EMPTY_BODY };
    const answer = await this.#sendSigned(await this.#signer(region).sign(head), head);
    answer.resume();
    const told = answer.headers['x-amz-bucket-region'];
    if (typeof told !== 'string') return region;
    this.#regions.set(bucket, told);
    return told;
  }

  async #sendSigned(signed: SignedRequest, call: RemoteCall): Promise<IncomingMessage> {
    try {
      return await this.#exchange(signed, call);
    } catch (error) {
      // A connection that was kept may have been closed by the other side just then.
      if (!(error instanceof Unsent) || call.body !== undefined) throw error;
      return this.#exchange(signed, call);
    }
  }

  async #exchange(signed: SignedRequest, call: RemoteCall): Promise<IncomingMessage> {
    const sent = this.#begin(signed, call);
    const answered = answerTo(sent);
    answered.catch(() => undefined); // It is waited for below, unless the body fails first.
    try {
      if (call.body === undefined) sent.end();
      else await write(call.body, sent);
      return await answered;
    } catch (error) {
      sent.destroy();
      throw explained(error, sent, signed, call);
    }
  }

  #begin(
    { protocol, hostname, port, path, headers }: SignedRequest,
    { method, signal }: RemoteCall,
  ) {
    const secure = protocol === 'https:';
    const sent = (secure ? secureRequest : plainRequest)({
      ...{ hostname, port, path, headers, method, signal },
      agent: this.#agents[secure ? 'https:' : 'http:'],
      timeout: SILENCE_MS,
    });
    sent.once('timeout', () => sent.destroy(new Error(`nothing came for ${SILENCE_MS / 1000} s`)));
    sent.once('socket', (socket) => {
      if (!socket.connecting) return;
      const limit = setTimeout(() => {
        sent.destroy(new Error(`no connection within ${CONNECT_MS / 1000} s`));
      }, CONNECT_MS);
      for (const end of ['connect', 'close']) socket.once(end, () => clearTimeout(limit));
    });
    return sent;
  }
}

/** SHA-256 of nothing. */
const EMPTY_BODY = {
  'x-amz-content-sha256': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
};

function codeOf(error: Error): string {
  return String((error as NodeJS.ErrnoException).code ?? error.name);
}

/** A request that a closed connection swallowed. */
class Unsent extends SmlocalError {}

/** What an error of a connection is, as against one of the body. */
class ConnectionFault extends Error {}

function answerTo(sent: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    sent.once('response', resolve);
    sent.on('error', (cause) =>
      reject(new ConnectionFault(messageOf(cause) || codeOf(cause), { cause })),
    );
  });
}

/**
 * Writes a body as fast as it is taken. Whoever has answered needs no more of it: the rest is read and dropped, for its sender
 * gets to the answer only then.
 */
async function write(body: AsyncIterable<Buffer>, sent: ClientRequest): Promise<void> {
  let over = false;
  for (const end of ['response', 'close']) {
    sent.once(end, () => {
      over = true;
    });
  }
  for await (const piece of body) {
    if (!over && !sent.write(piece)) await takesMore(sent);
  }
  if (!over) sent.end();
}

/** Resolves when more can be written, or no more need be. */
function takesMore(sent: ClientRequest): Promise<void> {
  const events = ['drain', 'response', 'close'];
  return new Promise((resolve) => {
    const settle = () => {
      for (const event of events) sent.off(event, settle);
      resolve();
    };
    for (const event of events) sent.on(event, settle);
    if (sent.destroyed) settle();
  });
}

function explained(thrown: unknown, sent: ClientRequest, to: SignedRequest, call: RemoteCall) {
  if (call.signal?.aborted) return call.signal.reason;
  if (!(thrown instanceof ConnectionFault)) return thrown;
  const { hostname, port } = to;
  const what = `${hostname}${port === undefined ? '' : `:${port}`} could not be reached for s3://${call.bucket}: ${thrown.message}`;
  const hint = 'Check the network, and what "s3:" of config.yml says.';
  const isSwallowed = sent.reusedSocket && /ECONNRESET|EPIPE|hang up/.test(thrown.message);
  return new (isSwallowed ? Unsent : SmlocalError)(what, { hint, cause: thrown.cause });
}
