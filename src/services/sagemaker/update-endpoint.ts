import type {
  UpdateEndpointCommandInput,
  UpdateEndpointCommandOutput,
  VariantPropertyType,
} from '@aws-sdk/client-sagemaker';
import { makeDeployment, smallestVariant } from '../../hosting/deployment.js';
import type { Deployment } from '../../hosting/records.js';
import type { Operation } from './context.js';
import { checkDeploymentConfig } from './deployment-config-rules.js';
import { invalid } from './errors.js';
import { findEndpoint, findEndpointConfig, findModel } from './find.js';
import { requested } from './requested.js';

/*
 * UpdateEndpoint. Answers at once; a new fleet comes up beside the old one, takes the traffic when it is ready, and the old
 * one is drained. Where it does not come up the old one goes on serving and `FailureReason` says why.
 * Gaps: every update is blue/green, all at once; a DeploymentConfig's canary, linear and rolling steps, waits and alarms
 * are checked, shown as LastDeploymentConfig, and not followed. The API reference does not say what holds where both a
 * DeploymentConfig and RetainDeploymentConfig are given; here the former does.
 */
export const updateEndpoint: Operation<
  UpdateEndpointCommandInput,
  Omit<UpdateEndpointCommandOutput, '$metadata'>
> = async (input, context) => {
  const endpoint = findEndpoint(context, input.EndpointName);
  const config = findEndpointConfig(context, input.EndpointConfigName);
  const { EndpointArn, deployment: current } = endpoint;
  const EndpointStatus = requested(endpoint, 'UpdateEndpoint');
  if (current === undefined) throw new Error(`${EndpointArn} serves without a deployment`);
  findEndpointConfig(context, current.EndpointConfigName);
  const next = makeDeployment(
    config,
    (name) => findModel(context, name),
    'UpdateEndpoint',
    context.now,
  );
  checkSameKind(current, next, EndpointArn);
  const last = input.RetainDeploymentConfig ? endpoint.LastDeploymentConfig : undefined;
  const LastDeploymentConfig = input.DeploymentConfig ?? last;
  checkDeploymentConfig(LastDeploymentConfig, smallestVariant(next));
  await context.saveEndpoint({
    ...endpoint,
    EndpointStatus,
    LastDeploymentConfig,
    LastModifiedTime: context.now,
    FailureReason: undefined,
    pending: input.RetainAllVariantProperties
      ? retain(current, next, excludedProperties(input))
      : next,
  });
  return { EndpointArn };
};

/** The service refuses a switch between instances and serverless (developer guide); its text is not known. */
function checkSameKind(current: Deployment, next: Deployment, arn: string): void {
  const isServerless = ({ variants }: Deployment) =>
    variants.some(({ variant }) => variant.ServerlessConfig);
  if (isServerless(current) !== isServerless(next)) {
    throw invalid(
      `Endpoint "${arn}" cannot be updated between instance-based and serverless variants.`,
    );
  }
}

function excludedProperties(
  input: UpdateEndpointCommandInput,
): Set<VariantPropertyType | undefined> {
  const excluded = input.ExcludeRetainedVariantProperties ?? [];
  return new Set(excluded.map(({ VariantPropertyType }) => VariantPropertyType));
}

/** Variants of equal name keep their present count and weight, and the endpoint its data capture, unless excluded. */
function retain(
  current: Deployment,
  next: Deployment,
  excluded: ReadonlySet<VariantPropertyType | undefined>,
): Deployment {
  return {
    ...next,
    DataCaptureConfig: excluded.has('DataCaptureConfig')
      ? next.DataCaptureConfig
      : current.DataCaptureConfig,
    variants: next.variants.map((entry) => {
      const before = current.variants.find(
        ({ variant }) => variant.VariantName === entry.variant.VariantName,
      );
      if (before === undefined) return entry;
      return {
        ...entry,
        instanceCount: excluded.has('DesiredInstanceCount')
          ? entry.instanceCount
          : before.instanceCount,
        weight: excluded.has('DesiredWeight') ? entry.weight : before.weight,
      };
    }),
  };
}
