import * as scaling from '@aws-sdk/client-application-auto-scaling';
import * as cloudwatch from '@aws-sdk/client-cloudwatch';
import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as ecr from '@aws-sdk/client-ecr';
import * as iam from '@aws-sdk/client-iam';
import * as controlPlane from '@aws-sdk/client-sagemaker';
import * as runtime from '@aws-sdk/client-sagemaker-runtime';
import * as sts from '@aws-sdk/client-sts';
import { describe, expect, it } from 'vitest';
import type { ServiceModel, StructureShape } from '../../src/contract/model.js';
import { models } from './models.js';

/**
 * The JavaScript SDK exports its schemas as tuples under the shape's name and a `$`: an operation is
 * [9, namespace, name, traits, input, output], a structure [3, namespace, name, traits, member names, members, …].
 */
type SdkSchema = readonly unknown[];

const SDKS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  sagemaker: { ...controlPlane },
  'sagemaker-runtime': { ...runtime },
  logs: { ...logs },
  cloudwatch: { ...cloudwatch },
  ecr: { ...ecr },
  iam: { ...iam },
  sts: { ...sts },
  'application-autoscaling': { ...scaling },
};

/** Members that the SDK had before botocore 1.43.11 did. smlocal ignores them until the models are made anew. */
const AHEAD: Readonly<Record<string, readonly string[]>> = {
  sagemaker: [
    'ContainerDefinition.ContainerMetricsConfig',
    'InferenceComponentContainerSpecification.ContainerMetricsConfig',
    'InferenceComponentContainerSpecificationSummary.ContainerMetricsConfig',
    'MetricsConfig.EnableDetailedObservability',
    'ProductionVariantRoutingConfig.PrefixAwareRoutingConfig',
  ],
  'sagemaker-runtime': [
    'InvokeEndpointAsyncInput.Body',
    'InvokeEndpointInput.PrefixAwareId',
    'InvokeEndpointWithResponseStreamInput.PrefixAwareId',
  ],
};

function membersOf(schema: unknown): readonly string[] {
  const resolved: unknown = typeof schema === 'function' ? schema() : schema;
  const names = Array.isArray(resolved) ? (resolved as SdkSchema)[4] : [];
  return Array.isArray(names) ? (names as readonly string[]) : [];
}

function structures(model: ServiceModel): [string, StructureShape][] {
  return Object.entries(model.shapes).flatMap(([name, shape]): [string, StructureShape][] =>
    shape.type === 'structure' ? [[name, shape]] : [],
  );
}

const members = (model: ServiceModel, ref: { shape: string } | undefined) => {
  const shape = ref === undefined ? undefined : model.shapes[ref.shape];
  return shape?.type === 'structure' ? Object.keys(shape.members) : [];
};

describe.each(models())('the model of $name against the JavaScript SDK', ({ name, model }) => {
  const sdk = SDKS[name] ?? {};
  const operations = Object.values(model.operations).map((operation) => ({
    operation,
    schema: sdk[`${operation.name}$`] as SdkSchema | undefined,
  }));

  it.each(operations)('$operation.name is an operation of the SDK', ({ operation, schema }) => {
    expect(schema?.[2]).toBe(operation.name);
  });

  it.each(operations)(
    '$operation.name has no member that the SDK lacks',
    ({ operation, schema }) => {
      expect(membersOf(schema?.[4])).toEqual(
        expect.arrayContaining(members(model, operation.input)),
      );
      expect(membersOf(schema?.[5])).toEqual(
        expect.arrayContaining(members(model, operation.output)),
      );
    },
  );

  it('has no structure with a member that the SDK lacks', () => {
    const missing = structures(model).flatMap(([shape, { members }]) => {
      const known = membersOf(sdk[`${shape}$`]);
      return Object.keys(members)
        .filter((member) => !known.includes(member))
        .map((member) => `${shape}.${member}`);
    });
    expect(missing).toEqual([]);
  });

  it('may be older than the SDK, and says by which members', async ({ annotate }) => {
    const additional = structures(model).flatMap(([shape, { members }]) =>
      membersOf(sdk[`${shape}$`])
        .filter((member) => !Object.hasOwn(members, member))
        .map((member) => `${shape}.${member}`),
    );
    expect(additional).toEqual(expect.arrayContaining([...(AHEAD[name] ?? [])]));
    const fresh = additional.filter((member) => !AHEAD[name]?.includes(member));
    if (fresh.length > 0) await annotate(`Only in the SDK: ${fresh.join(', ')}`, 'warning');
  });
});
