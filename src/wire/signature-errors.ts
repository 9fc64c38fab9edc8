import { ServiceError } from '../errors.js';
import type { Dialect } from './refusal.js';

/** Why a signature is refused. */
export type SignatureFault =
  | 'missing'
  | 'incomplete'
  | 'unknown-key'
  | 'wrong-token'
  | 'expired-token'
  | 'mismatch'
  | 'expired'
  | 'unsigned-header'
  | 'wrong-scope';

const KEY_UNKNOWN = 'The security token included in the request is invalid.';
const TOKEN_EXPIRED = 'The security token included in the request is expired';
const MISMATCH =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';
const EXPIRED = 'Signature expired: the request was signed too long ago, or too far ahead of now.';
const UNSIGNED = 'There were headers present in the request which were not signed.';
const SCOPE =
  'Credential should be scoped to a valid region, to the day and to the service that is asked.';
const INCOMPLETE =
  'The request signature lacks a part: it needs Credential, SignedHeaders, Signature and a date (in the Authorization header or the query).';

type Words = Readonly<Record<SignatureFault, readonly [code: string, message: string]>>;

/** AWS JSON and REST-JSON services; codes by the "Common Errors" page of SageMaker's API reference. */
const JSON_WORDS: Words = {
  missing: ['MissingAuthenticationTokenException', 'Missing Authentication Token'],
  incomplete: ['IncompleteSignatureException', INCOMPLETE],
  'unknown-key': ['UnrecognizedClientException', KEY_UNKNOWN],
  'wrong-token': ['UnrecognizedClientException', KEY_UNKNOWN],
  'expired-token': ['ExpiredTokenException', TOKEN_EXPIRED],
  mismatch: ['InvalidSignatureException', MISMATCH],
  expired: ['InvalidSignatureException', EXPIRED],
  'unsigned-header': ['InvalidSignatureException', UNSIGNED],
  'wrong-scope': ['InvalidSignatureException', SCOPE],
};

/** STS, IAM and their like; codes by the "Common Errors" page of STS's API reference. */
const QUERY_WORDS: Words = {
  missing: ['MissingAuthenticationToken', 'Request is missing Authentication Token'],
  incomplete: ['IncompleteSignature', INCOMPLETE],
  'unknown-key': ['InvalidClientTokenId', KEY_UNKNOWN],
  'wrong-token': ['InvalidClientTokenId', KEY_UNKNOWN],
  'expired-token': ['ExpiredToken', TOKEN_EXPIRED],
  mismatch: ['SignatureDoesNotMatch', MISMATCH],
  expired: ['SignatureDoesNotMatch', EXPIRED],
  'unsigned-header': ['SignatureDoesNotMatch', UNSIGNED],
  'wrong-scope': ['SignatureDoesNotMatch', SCOPE],
};

/** S3; codes by the list of error responses in its API reference. */
const S3_WORDS: Words = {
  missing: ['AccessDenied', 'Access Denied'],
  incomplete: ['AuthorizationHeaderMalformed', INCOMPLETE],
  'unknown-key': [
    'InvalidAccessKeyId',
    'The AWS Access Key Id you provided does not exist in our records.',
  ],
  'wrong-token': ['InvalidToken', 'The provided token is malformed or otherwise invalid.'],
  'expired-token': ['ExpiredToken', 'The provided token has expired.'],
  mismatch: [
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
  ],
  expired: [
    'RequestTimeTooSkewed',
    'The difference between the request time and the current time is too large.',
  ],
  'unsigned-header': ['AccessDenied', UNSIGNED],
  'wrong-scope': ['AuthorizationHeaderMalformed', SCOPE],
};

/** What S3 answers with 400 (its list of error responses). */
const MALFORMED = ['AuthorizationHeaderMalformed', 'ExpiredToken', 'InvalidToken'];

/** A refused signature in the words of the service that was asked; S3 answers 400 to what is malformed and to tokens, all else is 403. */
export function signatureError(
  fault: SignatureFault,
  dialect: Dialect,
  presigned: boolean,
): ServiceError {
  if (fault === 'expired' && presigned && dialect === 's3') {
    return new ServiceError('AccessDenied', 403, 'Request has expired');
  }
  const words = dialect === 's3' ? S3_WORDS : dialect === 'query' ? QUERY_WORDS : JSON_WORDS;
  const [code, message] = words[fault];
  return new ServiceError(code, dialect === 's3' && MALFORMED.includes(code) ? 400 : 403, message);
}
