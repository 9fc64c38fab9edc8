import type { BucketState, ObjectAddress } from '../aws/objects.js';
import type { Manifest } from './manifest.js';
import { partsOf } from './parts.js';
import type { PendingUpload } from './pending.js';
import type { Superseded } from './versions.js';

/** What a deploy has found, before it has changed anything. */
export interface Facts {
  readonly manifest: Manifest;
  /** Absent where there is nothing to upload. */
  readonly package?: {
    readonly at: ObjectAddress;
    readonly bytes: number;
    readonly bucket: BucketState;
    readonly isUploaded: boolean;
  };
  /** Absent where SageMaker can pull the image by itself. */
  readonly image?: {
    readonly local: string;
    readonly repository: string;
    readonly target: string;
    readonly hasRepository: boolean;
    readonly isPushed: boolean;
  };
  readonly hasModel: boolean;
  readonly hasEndpointConfig: boolean;
  readonly endpoint?: {
    readonly status: string;
    /** What it serves, or is on its way to. */
    readonly configName: string;
    readonly isSettled: boolean;
    /** Tags that config.yml has and the endpoint has not, or otherwise. */
    readonly missingTags: readonly string[];
  };
  readonly superseded: Superseded;
  /** Uploads that earlier deploys began, and that no model refers to. */
  readonly abandoned: readonly PendingUpload[];
  /** Uploads that a model refers to by now, so that they need not be remembered. */
  readonly arrived: readonly PendingUpload[];
}

/** One thing to do. `call` is the operation as IAM writes it, `why` the reason in words. */
export interface Step {
  readonly kind: StepKind;
  readonly call: string;
  readonly subject: string;
  readonly why: string;
}

export type StepKind =
  | 'create-bucket'
  | 'upload'
  | 'create-repository'
  | 'push-image'
  | 'create-model'
  | 'create-endpoint-config'
  | 'wait-until-settled'
  | 'delete-endpoint'
  | 'create-endpoint'
  | 'update-endpoint'
  | 'tag-endpoint'
  | 'wait-in-service'
  | 'delete-endpoint-config'
  | 'delete-object'
  | 'delete-model'
  | 'drop-upload';

/** What is to be done, in this order, and what is right already. */
export interface Plan {
  readonly steps: readonly Step[];
  readonly right: readonly string[];
}

/**
 * The deploy that leads from what there is to what the manifest says. It begins again wherever an earlier one ended: every
 * name says what is in it, so what is there is right.
 */
export function planDeploy(facts: Facts): Plan {
  const right: string[] = [];
  const steps = [
    ...packageSteps(facts, right),
    ...imageSteps(facts, right),
    ...modelSteps(facts, right),
    ...endpointSteps(facts, right),
    ...cleanUpSteps(facts),
  ];
  return { steps, right };
}

function packageSteps({ package: packed }: Facts, right: string[]): Step[] {
  if (packed === undefined) return [];
  const subject = urlOf(packed.at);
  if (packed.isUploaded) {
    right.push(`${subject} is there, with this digest`);
    return [];
  }
  const { bucket } = packed.at;
  const why = 'no object has this digest yet';
  return [
    ...(packed.bucket === 'absent'
      ? [
          step(
            'create-bucket',
            's3:CreateBucket',
            bucket,
            'the account’s default bucket is missing',
          ),
        ]
      : []),
    step('upload', uploadCall(packed.bytes), subject, `${why} (${megabytes(packed.bytes)})`),
  ];
}

function uploadCall(bytes: number): string {
  const parts = partsOf(bytes);
  return parts === 1 ? 's3:PutObject' : `s3:CreateMultipartUpload with ${parts} × s3:UploadPart`;
}

function imageSteps({ image }: Facts, right: string[]): Step[] {
  if (image === undefined) return [];
  if (image.isPushed) {
    right.push(`${image.target} is in ECR, and is this image`);
    return [];
  }
  const why = `SageMaker cannot pull ${image.local} from this machine`;
  return [
    ...(image.hasRepository
      ? []
      : [step('create-repository', 'ecr:CreateRepository', image.repository, 'it is missing')]),
    step('push-image', 'ecr:PutImage', image.target, why),
  ];
}

function modelSteps({ manifest, hasModel, hasEndpointConfig }: Facts, right: string[]): Step[] {
  const { ModelName } = manifest.model;
  const { EndpointConfigName } = manifest.endpointConfig;
  const steps: Step[] = [];
  if (hasModel) right.push(`model ${ModelName} is there; its name says what is in it`);
  else {
    const why = 'there is none with this image, data and environment';
    steps.push(step('create-model', 'sagemaker:CreateModel', ModelName, why));
  }
  if (hasEndpointConfig) right.push(`endpoint config ${EndpointConfigName} is there`);
  else {
    const why = 'there is none with this model and these variants';
    steps.push(
      step('create-endpoint-config', 'sagemaker:CreateEndpointConfig', EndpointConfigName, why),
    );
  }
  return steps;
}

function endpointSteps({ manifest, endpoint }: Facts, right: string[]): Step[] {
  const name = manifest.endpointName;
  const wanted = manifest.endpointConfig.EndpointConfigName;
  const wait = step('wait-in-service', 'sagemaker:DescribeEndpoint', name, 'until it is InService');
  if (endpoint === undefined) {
    return [step('create-endpoint', 'sagemaker:CreateEndpoint', name, 'it is missing'), wait];
  }
  const { status, configName, isSettled, missingTags } = endpoint;
  const tags = missingTags.length === 0 ? [] : [tagStep(name, missingTags)];
  if (status === 'Failed') {
    return [
      step(
        'delete-endpoint',
        'sagemaker:DeleteEndpoint',
        name,
        'it is Failed, and cannot be updated',
      ),
      step('create-endpoint', 'sagemaker:CreateEndpoint', name, 'in place of the failed one'),
      wait,
    ];
  }
  if (status === 'Deleting') {
    return [
      step('wait-until-settled', 'sagemaker:DescribeEndpoint', name, 'it is being deleted'),
      step('create-endpoint', 'sagemaker:CreateEndpoint', name, 'in place of the deleted one'),
      wait,
    ];
  }
  if (configName === wanted) {
    if (isSettled) right.push(`endpoint ${name} serves ${wanted}`);
    return [...tags, ...(isSettled ? [] : [{ ...wait, why: `it is ${status} already` }])];
  }
  return [
    ...(isSettled
      ? []
      : [
          step(
            'wait-until-settled',
            'sagemaker:DescribeEndpoint',
            name,
            `it is ${status}, and cannot be updated meanwhile`,
          ),
        ]),
    step(
      'update-endpoint',
      'sagemaker:UpdateEndpoint',
      name,
      `it serves ${configName}, which goes on until ${wanted} can answer`,
    ),
    ...tags,
    wait,
  ];
}

function tagStep(name: string, missing: readonly string[]): Step {
  return step('tag-endpoint', 'sagemaker:AddTags', name, `tags differ: ${missing.join(', ')}`);
}

/** What a model refers to goes before the model, so that nothing is left that nothing refers to, wherever it is ended. */
function cleanUpSteps({ superseded, abandoned }: Facts): Step[] {
  const why = 'an earlier version, beyond those that are kept';
  return [
    ...superseded.configs.map((name) =>
      step('delete-endpoint-config', 'sagemaker:DeleteEndpointConfig', name, why),
    ),
    ...superseded.dataUrls.map((url) => step('delete-object', 's3:DeleteObject', url, why)),
    ...superseded.models.map((name) => step('delete-model', 'sagemaker:DeleteModel', name, why)),
    ...abandoned.map((one) =>
      step(
        'drop-upload',
        one.uploadId === undefined ? 's3:DeleteObject' : 's3:AbortMultipartUpload',
        urlOf(one),
        'an earlier deploy was ended before a model referred to it',
      ),
    ),
  ];
}

function step(kind: StepKind, call: string, subject: string, why: string): Step {
  return { kind, call, subject, why };
}

export function urlOf({ bucket, key }: ObjectAddress): string {
  return `s3://${bucket}/${key}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
