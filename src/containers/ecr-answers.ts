import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { ecrRegistry, parseImageName } from './image-name.js';

/** Takes a push to an ECR repository, as `acceptPush` of the service does. */
export type EcrPush = (target: {
  readonly registryId: string;
  readonly region: string;
  readonly repositoryName: string;
  /** All tags where absent. */
  readonly tag?: string;
}) => Promise<
  | {
      readonly images: readonly {
        readonly digest: string;
        readonly tags: readonly string[];
        readonly bytes: number;
      }[];
    }
  | { readonly refusal: string }
>;

/** What to answer the docker command; or what its request had as a body, which has been read. */
type Answer =
  | { readonly kind: 'answered'; readonly statusCode: number; readonly body: string }
  | { readonly kind: 'not-ours'; readonly body: Buffer };

/** ECR's hosts begin with the account. */
const ACCOUNT_DIGITS = 12;

const LOGIN = /^(?:\/v[\d.]+)?\/auth$/;
const PUSH = /^(?:\/v[\d.]+)?\/images\/(.+)\/push$/;

/** The answer to a request of the engine's API that is about ECR; undefined where it is for the engine, and unread. */
export async function ecrAnswer(
  request: IncomingMessage,
  push: EcrPush,
): Promise<Answer | undefined> {
  if (request.method !== 'POST') return undefined;
  const [path = '', query = ''] = (request.url ?? '').split('?', 2);
  if (LOGIN.test(path)) return login(await buffer(request));
  const name = PUSH.exec(path)?.[1];
  return name === undefined ? undefined : pushed(decodeURIComponent(name), query, push);
}

/** A login at an ECR host is always good: whoever reaches the engine may use it anyway. */
function login(body: Buffer): Answer {
  if (ecrRegistry(hostIn(body)) === undefined) return { kind: 'not-ours', body };
  return answered({ Status: 'Login Succeeded', IdentityToken: '' });
}

function hostIn(body: Buffer): string {
  try {
    const { serveraddress } = JSON.parse(body.toString('utf8'));
    return String(serveraddress)
      .replace(/^https?:\/\//, '')
      .replace(/\/.*$/s, '');
  } catch {
    return '';
  }
}

/** An image that the engine does not have is the engine's to refuse. */
async function pushed(name: string, query: string, push: EcrPush): Promise<Answer | undefined> {
  const image = parseImageName(name);
  const registry = image && ecrRegistry(image.registry);
  if (image === undefined || registry === undefined) return undefined;
  const { region } = registry;
  const registryId = image.registry.slice(0, ACCOUNT_DIGITS);
  const repositoryName = image.repository.slice(image.registry.length + 1);
  const tag = new URLSearchParams(query).get('tag') || image.tag;
  const outcome = await push({ registryId, region, repositoryName, tag });
  const begins = { status: `The push refers to repository [${image.repository}]` };
  if ('refusal' in outcome) {
    const { refusal: message } = outcome;
    return answered(begins, { errorDetail: { message }, error: message });
  }
  if (outcome.images.length === 0) return undefined;
  const ends = outcome.images.flatMap(({ digest, tags, bytes }) =>
    tags
      .filter((one) => tag === undefined || one === tag)
      .flatMap((one) => [
        { status: `${one}: digest: ${digest} size: ${bytes}` },
        { progressDetail: {}, aux: { Tag: one, Digest: digest, Size: bytes } },
      ]),
  );
  return answered(begins, ...ends);
}

function answered(...lines: readonly object[]): Answer {
  const body = lines.map((line) => `${JSON.stringify(line)}\r\n`).join('');
  return { kind: 'answered', statusCode: 200, body };
}
