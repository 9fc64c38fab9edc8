import { join } from 'node:path';
import type { PackageOptions } from '../artifacts/package.js';
import type { EndpointSettings } from '../config/config.js';
import { ExitCode, SmlocalError } from '../errors.js';
import { manifestOf, PACKAGE_TAG } from './manifest.js';
import { observe, type Wanted } from './observe.js';
import { packagedSettings, packageOf } from './packaged.js';
import { PendingUploads } from './pending.js';
import { type Facts, type Plan, planDeploy, urlOf } from './plan.js';
import {
  checkArchive,
  checkHandler,
  checkMultiModel,
  endpointFaults,
  manifestFaults,
  refuseFaults,
} from './preflight.js';
import type { Target } from './target.js';

/** What this machine knows of its own images. */
export interface ImageSource {
  isLocal(reference: string): boolean;
  repositoryNameOf(reference: string): string;
  find(reference: string): Promise<{ readonly id: string } | undefined>;
}

export interface PrepareOptions {
  readonly settings: EndpointSettings;
  /** Where packages go; the account's default bucket where absent. */
  readonly bucket: string | undefined;
  /** Earlier versions that stay. */
  readonly keep: number;
  /** smlocal's own folder. */
  readonly stateDir: string;
  readonly packing: Omit<PackageOptions, 'folder'>;
  readonly images: ImageSource;
}

/** A deploy that is ready to be looked at and done: nothing has been changed but files of smlocal's own. */
export interface Prepared {
  readonly wanted: Wanted;
  readonly facts: Facts;
  readonly plan: Plan;
  readonly pending: PendingUploads;
  readonly package: Awaited<ReturnType<typeof packageOf>>;
  readonly roleArn: string | undefined;
}

/**
 * Packs, looks at what there is, and plans.
 * @throws SmlocalError, ServiceError where the deploy cannot be
 */
export async function prepareDeploy(target: Target, options: PrepareOptions): Promise<Prepared> {
  const { settings, stateDir, packing } = options;
  checkHandler(settings);
  checkMultiModel(settings);
  checkSettings(target, settings);
  const roleArn = settings.roleName && (await target.roleArn(settings.roleName));
  const image = await imageFor(target, options);
  const packed = await packageOf(settings, target.objects, {
    ...packing,
    folder: packagesOf(stateDir),
    downloads: join(stateDir, 'deploy', 'downloads'),
  });
  if (packed !== undefined && packed.files === undefined) await checkArchive(packed.file);
  const place = placeOf(target, options);
  const at = packed && { bucket: place.bucket, key: `${place.key}/${packed.digest}/model.tar.gz` };
  const deployed = packagedSettings(settings, {
    modelDataUrl: at === undefined ? settings.modelDataUrl : urlOf(at),
    image: image?.target ?? settings.image,
    roleArn,
  });
  const wanted: Wanted = {
    settings: deployed,
    manifest: manifestOf(deployed, target.identity.accountId, {
      ...(packed === undefined ? {} : { [PACKAGE_TAG]: packed.digest }),
    }),
    package: packed && at && { ...packed, at },
    image,
    place,
    keep: options.keep,
  };
  const pending = pendingOf(target, settings, stateDir);
  if (!target.isLocal) refuseFaults(settings.endpointName, manifestFaults(wanted.manifest));
  const facts = await observe(target, wanted, pending);
  checkBucketOf(target, options, facts);
  return { wanted, facts, plan: planDeploy(facts), pending, package: packed, roleArn };
}

/** Where packages are kept. */
export function packagesOf(stateDir: string): string {
  return join(stateDir, 'deploy', 'packages');
}

function pendingOf(target: Target, settings: EndpointSettings, stateDir: string): PendingUploads {
  const { identity, region } = target;
  const scope = [target.isLocal ? 'local' : identity.accountId, region, settings.endpointName];
  return new PendingUploads(join(stateDir, 'deploy'), scope);
}

/** What AWS would reject only after the upload. */
function checkSettings(target: Target, settings: EndpointSettings): void {
  if (target.isLocal) return;
  const { environment } = target;
  if (settings.roleName === undefined) {
    throw wrong(
      `${settings.endpointName} has no role, and SageMaker must have one to assume.`,
      `Add "aws_role: NAME" to the block ${environment} of config.yml.`,
    );
  }
  const local = settings.variants.find(({ instanceType }) => instanceType?.startsWith('local'));
  if (local !== undefined) {
    throw wrong(
      `${settings.endpointName} is for the instance type "${local.instanceType}", which AWS has not.`,
      `Set "instance_type: ml.m5.xlarge", or another, in the block ${environment} of config.yml.`,
    );
  }
  refuseFaults(settings.endpointName, endpointFaults(settings));
}

function wrong(message: string, hint: string): SmlocalError {
  return new SmlocalError(message, { hint, exitCode: ExitCode.usage });
}

/** SageMaker's SDKs use this bucket too, where none is named. */
export function defaultBucket({ region, identity }: Target): string {
  return `sagemaker-${region}-${identity.accountId}`;
}

/** Account and region are in the path because a bucket may serve several, and a clean-up must know its own. */
function placeOf(target: Target, { settings, bucket }: PrepareOptions) {
  const { region, identity } = target;
  return {
    bucket: bucket ?? defaultBucket(target),
    key: `smlocal/${identity.accountId}/${region}/${settings.endpointName}`,
  };
}

/** A bucket that was named has to be there: a wrong name would otherwise become a bucket. */
function checkBucketOf(target: Target, { settings }: PrepareOptions, { package: packed }: Facts) {
  if (packed?.bucket !== 'absent' || packed.at.bucket === defaultBucket(target)) return;
  const { bucket } = packed.at;
  throw wrong(
    `There is no bucket ${bucket} for the data of ${settings.endpointName}.`,
    `Type "aws s3 mb s3://${bucket} --region ${target.region}", name another with "bucket" in config.yml, or leave it out for ${defaultBucket(target)}.`,
  );
}

/** Where the endpoint's image has to go, where it is one of this machine's and the target is not. */
async function imageFor(
  target: Target,
  { settings, images }: PrepareOptions,
): Promise<Wanted['image']> {
  const { image: local } = settings;
  if (target.registry === undefined || !images.isLocal(local)) return undefined;
  const found = await images.find(local);
  if (found === undefined) {
    throw new SmlocalError(
      `The image ${local} is not on this machine, so it cannot be pushed to ECR.`,
      {
        hint: `Build it (docker build -t ${local} .), or name one that is in ECR.`,
      },
    );
  }
  const { url } = await target.registry.login();
  const repository = images.repositoryNameOf(local);
  // What is in it, not what it is called: the same image is pushed once, another is never taken for it.
  const tag = `smlocal-${found.id.replace('sha256:', '').slice(0, 32)}`;
  return { local, repository, tag, target: `${url.host}/${repository}:${tag}` };
}
