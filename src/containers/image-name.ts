/** An image's name taken apart as Docker does it. */
export interface ImageName {
  /** As it was written. */
  readonly reference: string;
  /** Host and port, or `docker.io` where none is written. */
  readonly registry: string;
  /** Everything before the tag and digest, as it was written. */
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

const IMAGE_ID = /^(?:sha256:)?[0-9a-f]{64}$/;
const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const LABEL = '[a-z0-9](?:[a-z0-9-]*[a-z0-9])?';
const NAME = new RegExp(
  '^(?<repository>' +
    `(?:(?<host>${LABEL}(?:\\.${LABEL})*(?::\\d+)?|\\[[0-9a-fA-F:]+\\](?::\\d+)?)/)?${COMPONENT}(?:/${COMPONENT})*)` +
    '(?::(?<tag>\\w[\\w.-]{0,127}))?(?:@(?<digest>[a-z0-9+._-]+:[0-9a-fA-F]{32,}))?$',
  'i',
);

/** Whether this is an image's own id: it can be found here, but no registry gives it out under that. */
export function isImageId(reference: string): boolean {
  return IMAGE_ID.test(reference);
}

/** @returns undefined where Docker would not take it for an image's name. */
export function parseImageName(reference: string): ImageName | undefined {
  if (reference.length > 512) return undefined;
  const { repository, host, tag, digest } = NAME.exec(reference)?.groups ?? {};
  if (repository === undefined) return undefined;
  const path = host === undefined ? repository : repository.slice(host.length + 1);
  const isHost = host !== undefined && /[.:]|^localhost$/.test(host);
  const lowerCased = isHost ? path : repository;
  if (lowerCased !== lowerCased.toLowerCase()) return undefined;
  return { reference, repository, registry: isHost ? host : 'docker.io', tag, digest };
}

export interface EcrRegistry {
  readonly region: string;
  /** Where GetAuthorizationToken for it is asked. */
  readonly endpoint: string;
}

const ECR =
  /^\d{12}\.dkr[.-]ecr(?<fips>-fips)?\.(?<region>[a-z0-9-]+)\.(?<suffix>amazonaws\.com(?:\.cn)?|on\.aws|on\.amazonwebservices\.com\.cn)$/;

/** The ECR registry that a host is, if it is one. */
export function ecrRegistry(host: string): EcrRegistry | undefined {
  const { fips, region, suffix } = ECR.exec(host)?.groups ?? {};
  if (region === undefined || suffix === undefined) return undefined;
  const domain = suffix.endsWith('.cn') ? 'amazonaws.com.cn' : 'amazonaws.com';
  const service = fips === undefined ? 'api.ecr' : 'ecr-fips';
  return { region, endpoint: `https://${service}.${region}.${domain}` };
}
