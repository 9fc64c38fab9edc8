/** Which AWS is meant, and as whom. */
export interface AwsSettings {
  readonly region: string;
  /** A profile of ~/.aws; the SDK's own search for credentials where absent. */
  readonly profile?: string;
  /**
   * An address that the user has asked for by name: a private AWS-compatible service, or smlocal itself. Where absent, AWS's
   * own, or what AWS_ENDPOINT_URL and the profile say, as long as that is not this machine.
   */
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}
