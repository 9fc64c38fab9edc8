import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { type InvocationSigner, openSigner, type SignedRequest } from '../aws/invocation.js';
import type { AwsSettings } from '../aws/settings.js';
import { exchange } from './exchange.js';
import type { Payloads } from './payloads.js';
import type { Outcome } from './recorder.js';

/** Whom to ask, and how. */
export interface Question {
  readonly endpointName: string;
  readonly variantName?: string;
  /** Of an endpoint with several models. */
  readonly modelName?: string;
  readonly contentType: string;
  readonly accept?: string;
  readonly payloads: Payloads;
}

export interface AskerOptions {
  /** As many connections are kept open. */
  readonly connections: number;
  readonly timeoutMs: number;
}

export interface Asker {
  /** Signs what will be sent, so that the first requests are not slower than the rest. @throws SmlocalError without credentials */
  prepare(question: Question): Promise<void>;
  /** Signs a request that is not signed yet, or was long ago; undefined where there is nothing to do. */
  ready(question: Question, index: number): Promise<void> | undefined;
  /** InvokeEndpoint with the payload of this number, once; what fails is an outcome. */
  send(question: Question, index: number): Promise<Outcome>;
  /** Breaks off what is under way. */
  dispose(): void;
}

/** AWS takes a signature for five minutes; it is made anew well before. */
const SIGNED_FOR_MS = 120_000;

/** More payloads than these are signed when their turn comes. */
const MOST_PREPARED = 1000;

/**
 * Asks as programs do that use the endpoint: signed requests of the AWS SDK, over connections that are kept. Each payload is signed
 * once in two minutes, and sent by Node's own client: through the whole SDK a request costs 0.35 ms, which would
 * be measured with the model, and 2,500 a second would be the most.
 */
export async function openAsker(
  settings: AwsSettings,
  { connections, timeoutMs }: AskerOptions,
): Promise<Asker> {
  const signer = await openSigner(settings);
  const kept = { keepAlive: true, maxSockets: connections, maxFreeSockets: connections };
  const agents = { 'http:': new HttpAgent(kept), 'https:': new HttpsAgent(kept) };
  const signed = new SignedRequests(signer);
  const ready = (question: Question, index: number): Promise<void> | undefined => {
    if (signed.isFresh(question, index)) return undefined;
    // Where it cannot be signed any more the service says so, of the signature that there is.
    return signed.make(question, index).catch(() => undefined);
  };
  const send = async (question: Question, index: number): Promise<Outcome> => {
    const request = signed.find(question, index);
    if (request === undefined) return unsigned();
    const agent = request.protocol === 'https:' ? agents['https:'] : agents['http:'];
    return exchange(request, question.payloads.at(index), { agent, timeoutMs });
  };
  const prepare = async (question: Question) => {
    const count = Math.min(MOST_PREPARED, question.payloads.count);
    for (let index = 0; index < count; index += 1) await signed.make(question, index);
  };
  const dispose = () => {
    signer.dispose();
    for (const agent of Object.values(agents)) agent.destroy();
  };
  return { prepare, ready, send, dispose };
}

/** Requests that are signed already, by their payload. */
class SignedRequests {
  readonly #signer: InvocationSigner;
  readonly #known = new Map<Question, Map<number, { request: SignedRequest; at: number }>>();

  constructor(signer: InvocationSigner) {
    this.#signer = signer;
  }

  find(question: Question, index: number): SignedRequest | undefined {
    return this.#of(question, index)?.request;
  }

  isFresh(question: Question, index: number): boolean {
    const { at = Number.NEGATIVE_INFINITY } = this.#of(question, index) ?? {};
    return performance.now() - at < SIGNED_FOR_MS;
  }

  async make(question: Question, index: number): Promise<void> {
    const { endpointName, variantName, modelName, contentType, accept, payloads } = question;
    const { body: _, ...request } = await this.#signer.sign({
      ...{ EndpointName: endpointName, TargetVariant: variantName, TargetModel: modelName },
      ...{ Body: payloads.at(index), ContentType: contentType, Accept: accept },
    });
    const all = this.#known.get(question) ?? new Map();
    all.set(index % payloads.count, { request, at: performance.now() });
    this.#known.set(question, all);
  }

  #of(question: Question, index: number) {
    return this.#known.get(question)?.get(index % question.payloads.count);
  }
}

function unsigned(): Outcome {
  const message = 'The credentials that it began with are good no more.';
  return { ok: false, kind: 'not signed', message, reached: false };
}
