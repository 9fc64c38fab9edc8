import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { ServiceError } from '../errors.js';
import { bodyOf, withBody, withHash } from './checked-request.js';
import { sessionTokenOf } from './credential-scope.js';
import { type Dialect, dialectOf } from './refusal.js';
import { signatureClaim, timeOf } from './signature-claim.js';
import { signatureError } from './signature-errors.js';
import { isSignedBy, type SignatureClaim } from './sigv4.js';

/** A key's secret, or why it is none to sign with. */
export type FoundKey =
  | { readonly secret: string }
  | { readonly fault: 'unknown-key' | 'wrong-token' | 'expired-token' };

/** Access key ids to their secrets, or who knows them. */
export type AccessKeys =
  | Readonly<Record<string, string>>
  | ((accessKeyId: string, sessionToken: string | undefined) => FoundKey);

/** How far a client's clock may be off, either way (AWS's own figure). */
const SKEW_MS = 15 * 60_000;

/** The most that is read of a body before its hash is known to be signed: a real-time payload, and all else. */
const RUNTIME_BODY_BYTES = 25 * 1024 * 1024;
const BODY_BYTES = 4 * 1024 * 1024;

const HASH = /^[0-9a-f]{64}$/;

/** What S3 lets stand in for a body's hash: nothing is signed of it, or each chunk of it is. */
const MARKERS: readonly string[] = [
  'UNSIGNED-PAYLOAD',
  'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
];

/**
 * Verifies a request's AWS Signature Version 4, its body's hash included.
 *
 * Outside S3 the whole body is read first, up to the most that its service takes, for many clients do not say its hash. S3's
 * bodies stream on and fail at their end where they are not what was signed; the signatures of single chunks
 * (`STREAMING-AWS4-HMAC-SHA256-PAYLOAD`) are not verified, the first, of the request, is.
 *
 * @returns the request to go on with
 * @throws ServiceError in the words of the service that was asked
 */
export async function verifySignature(
  request: IncomingMessage,
  keys: AccessKeys,
): Promise<IncomingMessage> {
  const claim = signatureClaim(request);
  if (claim === undefined || claim === 'incomplete') {
    throw signatureError(claim ?? 'missing', dialectOf(request), false);
  }
  const asked = dialectOf(request);
  const s3 = claim.service === 's3' && !request.headers['x-amz-target'] && asked !== 'rest-json';
  const dialect = s3 ? 's3' : asked; // The content type of an object is anything.
  const refuse = (fault: Parameters<typeof signatureError>[0]) =>
    signatureError(fault, dialect, claim.expires !== undefined);
  const key = findKey(keys, claim.accessKeyId, sessionTokenOf(request));
  if ('fault' in key) throw refuse(key.fault);
  if (!isScoped(claim, dialect, request)) throw refuse('wrong-scope');
  if (!isCurrent(claim, Date.now())) throw refuse('expired');
  if (!signsAll(request, claim)) throw refuse('unsigned-header');
  const { method = '', url = '', headersDistinct: headers } = request;
  const check = async (payloadHash: string) => {
    if (!(await isSignedBy(key.secret, claim, { method, url, headers, payloadHash }))) {
      throw refuse('mismatch');
    }
  };
  return s3
    ? checkS3(request, claim, check)
    : checkWhole(request, dialect, check, refuse('mismatch'));
}

function findKey(keys: AccessKeys, accessKeyId: string, token: string | undefined): FoundKey {
  if (typeof keys === 'function') return keys(accessKeyId, token);
  const secret = Object.hasOwn(keys, accessKeyId) ? keys[accessKeyId] : undefined;
  return secret === undefined ? { fault: 'unknown-key' } : { secret };
}

type Check = (payloadHash: string) => Promise<void>;

async function checkS3(request: IncomingMessage, claim: SignatureClaim, check: Check) {
  const said = saidHash(request);
  const payload = said ?? (claim.expires === undefined ? '' : 'UNSIGNED-PAYLOAD');
  await check(payload);
  if (MARKERS.includes(payload)) return request;
  if (HASH.test(payload)) return withHash(request, payload);
  throw new ServiceError(
    'InvalidRequest',
    400,
    'Missing required header for this request: x-amz-content-sha256',
  );
}

async function checkWhole(
  request: IncomingMessage,
  dialect: Dialect,
  check: Check,
  mismatch: ServiceError,
): Promise<IncomingMessage> {
  // Where the hash is said, nobody who lacks the key gets as far as sending a body.
  const said = HASH.test(saidHash(request) ?? '') ? saidHash(request) : undefined;
  if (said !== undefined) await check(said);
  const body = await bodyOf(request, dialect === 'rest-json' ? RUNTIME_BODY_BYTES : BODY_BYTES);
  if (body === undefined) {
    throw new ServiceError('RequestEntityTooLargeException', 413, 'The request is too large.');
  }
  const hash = createHash('sha256').update(body).digest('hex');
  if (said === undefined) await check(hash);
  else if (hash !== said) throw mismatch;
  return withBody(request, body);
}

function saidHash({ headers, url = '' }: IncomingMessage): string | undefined {
  const query = new URLSearchParams(url.split('?').slice(1).join('?'));
  return (
    headers['x-amz-content-sha256']?.toString() ?? query.get('X-Amz-Content-Sha256') ?? undefined
  );
}

/** A signature for one service or day is none for another. Other services look after their own names. */
function isScoped(claim: SignatureClaim, dialect: Dialect, { headers }: IncomingMessage): boolean {
  const sagemaker =
    dialect === 'rest-json' || headers['x-amz-target']?.toString().startsWith('SageMaker.');
  return claim.date.startsWith(claim.day) && (!sagemaker || claim.service === 'sagemaker');
}

function isCurrent({ date, expires }: SignatureClaim, now: number): boolean {
  const signed = timeOf(date);
  const end = signed + (expires === undefined ? SKEW_MS : expires * 1000);
  return signed <= now + SKEW_MS && now <= end;
}

/** `host` must be signed, and whatever AWS's own headers are there; else they could be changed. */
function signsAll({ headers }: IncomingMessage, { signedHeaders }: SignatureClaim): boolean {
  const own = Object.keys(headers).filter((name) => name.startsWith('x-amz-'));
  return ['host', ...own].every((name) => signedHeaders.includes(name));
}
