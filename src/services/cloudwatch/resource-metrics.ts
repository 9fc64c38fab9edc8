import type { Dimension, MetricStore } from './metric-store.js';

/** What one instance took of its machine, in per cent; absent is what nobody could tell. */
export interface ResourceSample {
  readonly endpointName: string;
  readonly variantName: string;
  /** 100 for each core that was busy all the time. */
  readonly cpu?: number;
  /** Of the memory that its container may take. */
  readonly memory: number;
  /** Of the disk that its container writes to. */
  readonly disk?: number;
}

const NAMESPACE = '/aws/sagemaker/Endpoints';

/** By the developer guide's names; each is in per cent, and one value an instance. Gaps: GPUs, for containers here have none. */
const NAMES = {
  cpu: 'CPUUtilization',
  memory: 'MemoryUtilization',
  disk: 'DiskUtilization',
} as const;

/** Adds one instance's use to the metrics of its variant. */
export function recordResources(
  store: MetricStore,
  sample: ResourceSample,
  now = Date.now(),
): void {
  const Dimensions = variantDimensions(sample.endpointName, sample.variantName);
  for (const [kind, MetricName] of Object.entries(NAMES)) {
    const value = sample[kind as keyof typeof NAMES];
    if (value === undefined) continue;
    const metric = { Namespace: NAMESPACE, MetricName, Dimensions };
    store.series(metric, 'Percent').at(now).add(value);
  }
}

/** As SageMaker names a variant in its metrics. */
export function variantDimensions(endpointName: string, variantName: string): Dimension[] {
  return [
    { Name: 'EndpointName', Value: endpointName },
    { Name: 'VariantName', Value: variantName },
  ];
}
