import { SmlocalError } from '../errors.js';
import { engineMessage, statusOf } from './engine-errors.js';
import { ecrRegistry, type ImageName } from './image-name.js';
import { PullRefused } from './pull.js';

export type PullFailure = 'not-found' | 'no-access' | 'unreachable' | 'no-platform' | 'other';

/** In order: the first that matches names the failure. The engine has one status for most of these, so the words decide. */
const SIGNS: readonly (readonly [PullFailure, RegExp])[] = [
  [
    'no-platform',
    /no matching manifest|no match for platform|does not match the specified platform/i,
  ],
  [
    'no-access',
    /no basic auth credentials|token has expired|unauthorized|authentication required/i,
  ],
  // Docker Hub says this of what does not exist as well as of what is private.
  ['not-found', /repository does not exist or may require/i],
  ['no-access', /denied|forbidden|not authorized|authorization failed/i],
  ['not-found', /manifest.*unknown|name unknown|not found|manifest invalid/i],
  [
    'unreachable',
    /dial tcp|no such host|connection (refused|reset)|i\/o timeout|timeout|unreachable|no route to host|deadline exceeded|HTTP response to HTTPS client|x509|tls:|: EOF$/i,
  ],
];

export function pullFailure(message: string): PullFailure {
  return SIGNS.find(([, sign]) => sign.test(message))?.[0] ?? 'other';
}

export interface PullContext {
  readonly image: ImageName;
  readonly platform?: string;
  /** Why AWS gave no login for an ECR image. */
  readonly loginRefusal?: string;
  /** The platform of the image that is here under that name, where it was not the one asked for. */
  readonly localPlatform?: string;
}

/** A pull that was refused, in words that name the image and say what to type; any other error as it is. */
export function asPullError(error: unknown, context: PullContext): unknown {
  if (statusOf(error) === undefined && !(error instanceof PullRefused)) return error;
  const said = engineMessage(error).replace(/^Docker: /, '');
  const failure = context.localPlatform === undefined ? pullFailure(said) : 'no-platform';
  const { message, hint } = WORDS[failure](context, said);
  return new SmlocalError(message, { hint, cause: error });
}

interface Words {
  readonly message: string;
  readonly hint: string;
}

const WORDS: Readonly<Record<PullFailure, (context: PullContext, said: string) => Words>> = {
  'not-found': ({ image }) => ({
    message: `The image ${image.reference} was found neither on this machine nor in ${image.registry}.`,
    hint: substituteHint(image),
  }),
  'no-access': (context, said) => ({
    message: `The image ${context.image.reference} is not on this machine, and ${context.image.registry} gives no access to it: ${reason(context, said)}`,
    hint: accessHint(context.image),
  }),
  unreachable: ({ image }, said) => ({
    message: `The image ${image.reference} is not on this machine, and ${image.registry} cannot be reached: ${said}`,
    hint: `Check the network, or go without: ${substituteHint(image)}`,
  }),
  'no-platform': ({ image, platform = "this machine's platform", localPlatform }, said) => ({
    message:
      localPlatform === undefined
        ? `${image.registry} has no image ${image.reference} for ${platform}.`
        : `The image ${image.reference} on this machine is for ${localPlatform}, not for ${platform}, and that cannot be pulled: ${said}`,
    hint: `Build it for that platform (\`docker build --platform ${platform} -t ${image.reference} .\`), or ask for another one.`,
  }),
  other: ({ image }, said) => ({
    message: `The image ${image.reference} could not be pulled: ${said}`,
    hint: substituteHint(image),
  }),
};

function reason({ loginRefusal }: PullContext, said: string): string {
  return loginRefusal === undefined ? said : `${said} (AWS login: ${loginRefusal})`;
}

function accessHint(image: ImageName): string {
  const ecr = ecrRegistry(image.registry);
  const login =
    ecr === undefined
      ? `Type \`docker login${image.registry === 'docker.io' ? '' : ` ${image.registry}`}\``
      : `Give smlocal AWS credentials that may pull it (AWS_PROFILE, \`aws sso login\`), or type \`aws ecr get-login-password --region ${ecr.region} | docker login --username AWS --password-stdin ${image.registry}\``;
  return `${login}, or go without: ${substituteHint(image)}`;
}

/** How to do without a registry: an image of one's own under that name, or another in its place. */
function substituteHint(image: ImageName): string {
  const mapping = `map it in config.yml: images: { "${image.reference}": "your-local-image" }`;
  // No image can be tagged with a digest.
  if (image.digest !== undefined) return `${mapping}.`;
  return `build it (\`docker build -t ${image.reference} .\`), tag one of yours (\`docker tag YOUR_IMAGE ${image.reference}\`), or ${mapping}.`;
}

/** No registry gives out an image by its bare id. */
export function asUnpulledError(id: string): SmlocalError {
  return new SmlocalError(`The image ${id} is not on this machine.`, {
    hint: 'Type `docker images --no-trunc` to see the ids that are, or give a name.',
  });
}
