import type { ScalingContext } from '../services/application-autoscaling/context.js';
import { SCALING_OPERATIONS } from '../services/application-autoscaling/operations.js';
import type { AwsServices } from '../services/aws.js';
import type { CloudWatchContext } from '../services/cloudwatch/context.js';
import { CLOUDWATCH_OPERATIONS } from '../services/cloudwatch/operations.js';
import type { EcrContext } from '../services/ecr/context.js';
import { ECR_OPERATIONS } from '../services/ecr/operations.js';
import type { LogsContext } from '../services/logs/context.js';
import { LOGS_OPERATIONS, LOGS_STREAMS } from '../services/logs/operations.js';
import type { JsonCall, JsonService } from './aws-json.js';
import type { CredentialScope } from './credential-scope.js';

const LOGS: JsonService<LogsContext> = {
  contract: 'logs',
  title: 'CloudWatch Logs',
  invalidCode: 'InvalidParameterException',
  operations: LOGS_OPERATIONS,
  streams: LOGS_STREAMS,
};

/** Its code for what breaks the model is the one of its days of the query protocol. */
const CLOUDWATCH: JsonService<CloudWatchContext> = {
  contract: 'cloudwatch',
  title: 'CloudWatch',
  invalidCode: 'ValidationError',
  operations: CLOUDWATCH_OPERATIONS,
};

const ECR: JsonService<EcrContext> = {
  contract: 'ecr',
  title: 'ECR',
  invalidCode: 'InvalidParameterException',
  operations: ECR_OPERATIONS,
};

const APPLICATION_AUTO_SCALING: JsonService<ScalingContext> = {
  contract: 'application-autoscaling',
  title: 'Application Auto Scaling',
  invalidCode: 'ValidationException',
  operations: SCALING_OPERATIONS,
};

/** How each service of AWS JSON beside SageMaker is called with one request, by what its targets begin with. */
const CALLS: Readonly<
  Record<string, (aws: AwsServices, caller: CredentialScope) => JsonCall<never>>
> = {
  AmazonEC2ContainerRegistry_V20150921: ({ ecr }, caller) =>
    callOf(ECR, { ...ecr, caller, now: new Date() }),
  AnyScaleFrontendService: ({ scaling }, caller) =>
    callOf(APPLICATION_AUTO_SCALING, { ...scaling, caller, now: new Date() }),
  GraniteServiceVersion20100801: ({ metrics, alarms }, caller) =>
    callOf(CLOUDWATCH, { metrics, alarms, caller, now: new Date() }),
  Logs_20140328: ({ logs }, caller) => callOf(LOGS, { caller, logs }),
};

/** Whether a service beside SageMaker has this `X-Amz-Target`. */
export function isJsonService(target: string): boolean {
  return Object.hasOwn(CALLS, prefixOf(target));
}

/** The service of a target that {@link isJsonService} knows, for one request. */
export function jsonCall(
  target: string,
  aws: AwsServices,
  caller: CredentialScope,
): JsonCall<never> {
  const call = CALLS[prefixOf(target)];
  if (call === undefined) throw new Error(`No service has the target ${target}`);
  return call(aws, caller);
}

function callOf<Context>(service: JsonService<Context>, context: Context): JsonCall<never> {
  return { service, context } as unknown as JsonCall<never>;
}

function prefixOf(target: string): string {
  return target.split('.', 1)[0] ?? '';
}
