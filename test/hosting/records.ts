import type { EndpointStatus } from '@aws-sdk/client-sagemaker';
import type { ObservedContainer } from '../../src/containers/engine.js';
import { containerLabels } from '../../src/containers/labels.js';
import type { Deployment, EndpointRecord, VariantDeployment } from '../../src/hosting/records.js';

export const LONG_AGO = new Date('2026-01-01T00:00:00Z');

/** A variant of a deployment; AllTraffic with one instance unless said otherwise. */
export function variantOf(
  change: Partial<Omit<VariantDeployment, 'variant'>> & {
    readonly variant?: Partial<VariantDeployment['variant']>;
  } = {},
): VariantDeployment {
  return {
    container: { Image: 'image' },
    instanceCount: 1,
    weight: 1,
    ...change,
    variant: {
      VariantName: 'AllTraffic',
      ModelName: 'model',
      InstanceType: 'ml.m5.large',
      InitialInstanceCount: 1,
      ...change.variant,
    },
  };
}

export function deploymentOf(id: string, change: Partial<Deployment> = {}): Deployment {
  return {
    id,
    EndpointConfigName: 'config',
    variants: [variantOf()],
    startTime: LONG_AGO,
    cause: `cause of ${id}`,
    ...change,
  };
}

export function endpointOf(
  EndpointStatus: EndpointStatus,
  change: Partial<EndpointRecord> = {},
): EndpointRecord {
  return {
    EndpointName: 'e',
    EndpointArn: 'arn:aws:sagemaker:us-east-1:000000000000:endpoint/e',
    EndpointStatus,
    CreationTime: LONG_AGO,
    LastModifiedTime: LONG_AGO,
    Tags: [],
    ...change,
  };
}

/** A container as the engine shows it, by `deployment/variant/instance`; it runs unless said otherwise. */
export function containerOf(key: string, running = true, id = key): ObservedContainer {
  const [deploymentId = '', variantName = '', instance = '0'] = key.split('/');
  return {
    id,
    name: key,
    running,
    labels: containerLabels({
      stateId: 's',
      endpointName: 'e',
      variantName,
      deploymentId,
      instance: Number(instance),
    }),
    ...(running ? { address: { host: '127.0.0.1', port: 1 } } : {}),
  };
}
