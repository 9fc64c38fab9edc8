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
  /**
   * InvokeEndpoint with the payload of this number, once; what fails is an outcome.
   * @throws SmlocalError where the request must not be sent at all
   */
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
  const send = async (question: Question, index: number): Promise<Outcome> => {
    const known = signed.find(question, index);
    const request = known ?? (await signed.make(question, index));
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
  return { prepare, send, dispose };
}

/** Requests that are signed already, by their payload. */
class SignedRequests {
  readonly #signer: InvocationSigner;
  readonly #known = new Map<Question, Map<number, { request: SignedRequest; at: number }>>();

  constructor(signer: InvocationSigner) {
    this.#signer = signer;
  }

  find(question: Question, index: number): SignedRequest | undefined {
    const known = this.#known.get(question)?.get(index % question.payloads.count);
    if (known === undefined || performance.now() - known.at > SIGNED_FOR_MS) return undefined;
    return known.request;
  }

  async make(question: Question, index: number): Promise<SignedRequest> {
    const { endpointName, variantName, contentType, accept, payloads } = question;
    const { body: _, ...request } = await this.#signer.sign({
      ...{ EndpointName: endpointName, TargetVariant: variantName },
      ...{ Body: payloads.at(index), ContentType: contentType, Accept: accept },
    });
    const all = this.#known.get(question) ?? new Map();
    all.set(index % payloads.count, { request, at: performance.now() });
    this.#known.set(question, all);
    return request;
  }
}
