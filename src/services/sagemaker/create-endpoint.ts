import type {
  CreateEndpointCommandInput,
  CreateEndpointCommandOutput,
} from '@aws-sdk/client-sagemaker';
import { arnOf } from '../../hosting/arn.js';
import { makeDeployment, smallestVariant } from '../../hosting/deployment.js';
import type { Operation } from './context.js';
import { checkDeploymentConfig } from './deployment-config-rules.js';
import { alreadyExists } from './errors.js';
import { findEndpointConfig, findModel } from './find.js';

/*
 * CreateEndpoint. Answers at once; the containers come up behind.
 * Gaps: a DeploymentConfig is checked and shown as LastDeploymentConfig, and changes nothing; there are no quotas.
 */
export const createEndpoint: Operation<
  CreateEndpointCommandInput,
  Omit<CreateEndpointCommandOutput, '$metadata'>
> = async (input, context) => {
  const name = input.EndpointName ?? '';
  const arn = arnOf(context.caller, 'endpoint', name);
  const config = findEndpointConfig(context, input.EndpointConfigName);
  if (context.records.endpoints.isTaken(name)) throw alreadyExists('endpoint', arn);
  const pending = makeDeployment(
    config,
    (name) => findModel(context, name),
    'CreateEndpoint',
    context.now,
  );
  checkDeploymentConfig(input.DeploymentConfig, smallestVariant(pending));
  await context.saveEndpoint({
    EndpointName: name,
    EndpointArn: arn,
    EndpointStatus: 'Creating',
    CreationTime: context.now,
    LastModifiedTime: context.now,
    Tags: input.Tags ?? [],
    LastDeploymentConfig: input.DeploymentConfig,
    pending,
  });
  return { EndpointArn: arn };
};
