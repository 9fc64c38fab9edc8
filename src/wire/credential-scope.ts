import type { IncomingMessage } from 'node:http';
import type { Caller } from '../hosting/arn.js';

/** `Credential=AKID/20260101/us-east-1/sagemaker/aws4_request`, in the header or in a presigned URL. */
const SCOPE =
  /Credential=([^/,&\s]+)(?:\/|%2F)\d{8}(?:\/|%2F)([^/%]+)(?:\/|%2F)([^/%]+)(?:\/|%2F)aws4_request/i;

export interface CredentialScope extends Caller {
  /** The signing name of the service that the client thinks it is talking to. */
  readonly service: string | undefined;
  /** Empty where it is not signed. */
  readonly accessKeyId: string;
  /** Of temporary credentials. */
  readonly sessionToken: string | undefined;
}

/** The token of temporary credentials, in its header or in the query of a presigned URL. */
export function sessionTokenOf({ headers, url = '' }: IncomingMessage): string | undefined {
  const header = headers['x-amz-security-token'];
  if (header !== undefined) return String(header);
  if (!url.includes('X-Amz-Security-Token=')) return undefined;
  return (
    new URLSearchParams(url.slice(url.indexOf('?') + 1)).get('X-Amz-Security-Token') ?? undefined
  );
}

/**
 * Who signed a request, for which region and service. Nothing is verified: any key will do, and none at all too. An access
 * key of twelve digits is taken for the account, as other local AWS tools do.
 */
export function credentialScope(request: IncomingMessage, defaults: Caller): CredentialScope {
  const text = request.headers.authorization ?? request.url ?? '';
  const [, accessKeyId = '', region, service] = SCOPE.exec(text) ?? [];
  return {
    region: region ?? defaults.region,
    accountId: /^\d{12}$/.test(accessKeyId) ? accessKeyId : defaults.accountId,
    service,
    accessKeyId,
    sessionToken: sessionTokenOf(request),
  };
}
