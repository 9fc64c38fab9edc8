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
  };
}
