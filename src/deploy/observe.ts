import type { BucketState, ObjectAddress } from '../aws/objects.js';
import type { EndpointSettings } from '../config/config.js';
import { SmlocalError } from '../errors.js';
import {
  type ControlPlane,
  configNameOf,
  describeEndpoint,
  found,
  isSettled,
  tagsOf,
} from './control.js';
import type { Manifest } from './manifest.js';
import type { PendingUpload, PendingUploads } from './pending.js';
import { type Facts, urlOf } from './plan.js';
import type { Target } from './target.js';
import { isUploaded, type Package } from './upload.js';
import { type Owned, ownedBy, superseded } from './versions.js';

export interface Wanted {
  readonly settings: EndpointSettings;
  readonly manifest: Manifest;
  readonly package?: Package & { readonly at: ObjectAddress };
  readonly image?: {
    readonly local: string;
    readonly repository: string;
    readonly tag: string;
    readonly target: string;
  };
  /** Where this endpoint's packages are, so that nothing else is ever deleted. */
  readonly place: ObjectAddress;
  /** Earlier versions that stay. */
  readonly keep: number;
}

/** Looks at everything that the deploy may have to change, and changes nothing. */
export async function observe(
  target: Target,
  wanted: Wanted,
  pending: PendingUploads,
): Promise<Facts> {
  const { control } = target;
  const { manifest, settings, place } = wanted;
  const { endpointName } = manifest;
  const { ModelName } = manifest.model;
  const { EndpointConfigName } = manifest.endpointConfig;
  const endpoint = await endpointFacts(control, manifest);
  const owned = await ownedBy(control, endpointName, settings.modelName);
  const dataUrls = manifest.model.PrimaryContainer?.ModelDataUrl;
  const old = superseded(
    owned,
    {
      config: EndpointConfigName,
      models: [ModelName],
      dataUrls: dataUrls === undefined ? [] : [dataUrls],
    },
    endpoint?.configName,
    wanted.keep,
  );
  return {
    manifest,
    package: await packageFacts(target, wanted),
    image: await imageFacts(target, wanted),
    hasModel: (await found(control, 'DescribeModel', { ModelName })) !== undefined,
    hasEndpointConfig:
      (await found(control, 'DescribeEndpointConfig', { EndpointConfigName })) !== undefined,
    endpoint,
    superseded: { ...old, dataUrls: old.dataUrls.filter((url) => isOwnPackage(url, place)) },
    ...uploadsOf(await pending.all(), owned, wanted),
  };
}

/** Only what a deploy of this endpoint has uploaded; a user's own object of whatever name stays. */
function isOwnPackage(url: string, place: ObjectAddress): boolean {
  const folder = `${urlOf(place)}/`;
  return url.startsWith(folder) && /^[0-9a-f]{64}\/model\.tar\.gz$/.test(url.slice(folder.length));
}

/** What earlier deploys had begun to upload: a model refers to it, this deploy goes on with it, or nobody wants it. */
function uploadsOf(
  pending: readonly PendingUpload[],
  owned: Owned,
  wanted: Wanted,
): Pick<Facts, 'abandoned' | 'arrived'> {
  const used = new Set(owned.models.flatMap(({ dataUrls }) => dataUrls));
  const own = wanted.package && urlOf(wanted.package.at);
  return {
    arrived: pending.filter((one) => used.has(urlOf(one))),
    abandoned: pending.filter((one) => !used.has(urlOf(one)) && urlOf(one) !== own),
  };
}

async function packageFacts(
  { objects, identity }: Target,
  { package: packed }: Wanted,
): Promise<Facts['package']> {
  if (packed === undefined) return undefined;
  const { at, bytes } = packed;
  const bucket = await objects.bucket(at.bucket, identity.accountId);
  checkBucket(at.bucket, bucket);
  const there = bucket === 'there' && (await isUploaded(objects, at, packed));
  return { at, bytes, bucket, isUploaded: there };
}

function checkBucket(name: string, state: BucketState): void {
  const reasons: Partial<Record<BucketState, string>> = {
    elsewhere: 'is in another region, and SageMaker reads its models from its own',
    forbidden: 'is not this account’s, or these credentials may not use it',
  };
  const reason = reasons[state];
  if (reason === undefined) return;
  throw new SmlocalError(`The bucket ${name} ${reason}.`, {
    hint: 'Name another with "bucket" in config.yml, or leave it out for the account’s default one.',
  });
}

async function imageFacts({ registry }: Target, { image }: Wanted): Promise<Facts['image']> {
  if (image === undefined || registry === undefined) return undefined;
  const { local, repository, target, tag } = image;
  const hasRepository = await registry.hasRepository(repository);
  const isPushed = hasRepository && (await registry.has(repository, tag));
  return { local, repository, target, hasRepository, isPushed };
}

async function endpointFacts(
  control: ControlPlane,
  { endpointName, tags }: Manifest,
): Promise<Facts['endpoint']> {
  const endpoint = await describeEndpoint(control, endpointName);
  if (endpoint === undefined) return undefined;
  const has = await tagsOf(control, endpoint.EndpointArn);
  return {
    status: endpoint.EndpointStatus ?? 'InService',
    configName: configNameOf(endpoint) ?? '',
    isSettled: isSettled(endpoint),
    missingTags: tags.flatMap(({ Key = '', Value }) => (has[Key] === Value ? [] : [Key])),
  };
}
