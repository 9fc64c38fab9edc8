import type { EndpointSettings } from '../config/config.js';

/** An endpoint as smlocal can have it, and what of it is not as in AWS, a line each. */
export interface Locally {
  readonly settings: EndpointSettings;
  readonly notes: readonly string[];
}

type Note = (settings: EndpointSettings) => string | false;

/** README, "What differs from SageMaker", says the same. */
const NOTES: readonly Note[] = [
  ({ async }) =>
    async !== undefined &&
    'async is left out: smlocal answers at once only, and has no InvokeEndpointAsync',
  ({ vpc }) => vpc !== undefined && 'vpc is kept and shown; smlocal’s containers are in none',
  ({ kmsKey }) => kmsKey !== undefined && 'kms_key is kept and shown; smlocal encrypts nothing',
  ({ variants }) =>
    variants.some(({ instanceType }) => instanceType === 'local_gpu') &&
    'local_gpu: smlocal gives its containers no GPU; the image runs on the CPU',
  ({ variants }) =>
    variants.some(({ serverless }) => serverless !== undefined) &&
    'serverless: smlocal keeps one container warm and limits the concurrency; memory is not limited by it',
];

/** What of an endpoint smlocal takes: all but what it would refuse. Whoever deploys is to be told the notes. */
export function locally(settings: EndpointSettings): Locally {
  const { async: _, ...taken } = settings;
  return {
    settings: taken,
    notes: NOTES.flatMap((note) => note(settings) || []),
  };
}
