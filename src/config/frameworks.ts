import {
  BUILT_IN_REGISTRIES,
  DEEP_LEARNING_REGISTRIES,
  type Registries,
} from './aws-registries.js';

interface Framework {
  readonly registries: Registries;
  readonly repository: string;
  /** Major and minor version of the oldest whose name is made so. */
  readonly oldest: readonly [number, number];
  /** Whether there are images with and without a GPU. */
  readonly hasGpu: boolean;
  /** The tag behind the version. @throws FrameworkFault where `py_version` is needed, or is not for it */
  readonly tag: (processor: 'cpu' | 'gpu', pyVersion: string | undefined) => string;
}

/** What is wrong with an image's description, and the key that says it. */
export class FrameworkFault extends Error {
  constructor(
    readonly key: 'framework' | 'framework_version' | 'py_version',
    message: string,
  ) {
    super(message);
  }
}

const withPython: Framework['tag'] = (processor, pyVersion) => {
  if (pyVersion !== undefined) return `-${processor}-${pyVersion}`;
  throw new FrameworkFault('py_version', 'is missing; the image’s tag has it, such as py312');
};

const withoutPython =
  (tag: (processor: string) => string): Framework['tag'] =>
  (processor, pyVersion) => {
    if (pyVersion === undefined) return tag(processor);
    throw new FrameworkFault('py_version', 'is not for this framework, whose tags have none');
  };

/** Names as the SageMaker Python SDK 2.257 makes them (`image_uris.retrieve`), of the versions that AWS still adds to. */
const FRAMEWORKS = {
  pytorch: {
    registries: DEEP_LEARNING_REGISTRIES,
    repository: 'pytorch-inference',
    oldest: [1, 2],
    hasGpu: true,
    tag: withPython,
  },
  tensorflow: {
    registries: DEEP_LEARNING_REGISTRIES,
    repository: 'tensorflow-inference',
    oldest: [1, 13],
    hasGpu: true,
    tag: withoutPython((processor) => `-${processor}`),
  },
  sklearn: {
    registries: BUILT_IN_REGISTRIES,
    repository: 'sagemaker-scikit-learn',
    oldest: [0, 20],
    hasGpu: false,
    tag: (_, pyVersion) => `-cpu-${pyVersion ?? 'py3'}`,
  },
  xgboost: {
    registries: BUILT_IN_REGISTRIES,
    repository: 'sagemaker-xgboost',
    oldest: [1, 2],
    hasGpu: false,
    tag: withoutPython(() => ''),
  },
} as const satisfies Record<string, Framework>;

export type FrameworkName = keyof typeof FRAMEWORKS;

export const FRAMEWORK_NAMES = Object.keys(FRAMEWORKS) as [FrameworkName, ...FrameworkName[]];

/** Whether an instance type has a GPU: SageMaker's families p and g. */
export function hasGpu(instanceType: string): boolean {
  return instanceType === 'local_gpu' || /^ml\.[pg]\d/.test(instanceType);
}

export interface ImageRequest {
  readonly framework: FrameworkName;
  readonly version: string;
  readonly pyVersion: string | undefined;
  readonly region: string;
  readonly instanceType: string;
}

/**
 * The name of AWS's own image for a framework. Nobody is asked whether there is one of this version.
 * @throws FrameworkFault where none is known
 */
export function frameworkImage(request: ImageRequest): string {
  const { framework, version, pyVersion, region, instanceType } = request;
  const {
    registries,
    repository,
    oldest,
    tag,
    hasGpu: gpuImages,
  }: Framework = FRAMEWORKS[framework];
  const account = registries[region];
  if (account === undefined) {
    throw new FrameworkFault(
      'framework',
      `smlocal knows no registry of AWS’s ${framework} images in ${region}; name the image with "image"`,
    );
  }
  if (isOlder(version, oldest)) {
    throw new FrameworkFault(
      'framework_version',
      `images before ${oldest.join('.')} have other names; name the image with "image"`,
    );
  }
  if (/^ml\.(inf|trn)\d/.test(instanceType)) {
    throw new FrameworkFault(
      'framework',
      `smlocal knows no ${framework} image for ${instanceType}; name the image with "image"`,
    );
  }
  const processor = gpuImages && hasGpu(instanceType) ? 'gpu' : 'cpu';
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return `${account}.dkr.ecr.${region}.${domain}/${repository}:${version}${tag(processor, pyVersion)}`;
}

function isOlder(version: string, [major, minor]: readonly [number, number]): boolean {
  const [its = 0, itsMinor = 0] = version.split(/[.-]/).map(Number);
  return its < major || (its === major && itsMinor < minor);
}
