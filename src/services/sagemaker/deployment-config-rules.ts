import type {
  CapacitySize,
  DeploymentConfig,
  TrafficRoutingConfig,
} from '@aws-sdk/client-sagemaker';
import { invalid } from './errors.js';

/*
 * What the service model cannot say of a DeploymentConfig. The rules are the API reference's; the texts are not known.
 */

/**
 * One policy, of sizes that its kind of traffic routing has.
 *
 * @param smallestVariant the instance count that a size of type INSTANCE_COUNT is held against
 * @throws ServiceError
 */
export function checkDeploymentConfig(
  config: DeploymentConfig | undefined,
  smallestVariant: number,
): void {
  if (config === undefined) return;
  const { BlueGreenUpdatePolicy: blueGreen, RollingUpdatePolicy: rolling } = config;
  if (blueGreen !== undefined && rolling !== undefined) {
    throw invalid(
      'Both BlueGreenUpdatePolicy and RollingUpdatePolicy are specified. Please specify only one of them.',
    );
  }
  if (blueGreen?.TrafficRoutingConfiguration !== undefined)
    checkRouting(blueGreen.TrafficRoutingConfiguration, smallestVariant);
  if (rolling !== undefined) {
    checkSize('MaximumBatchSize', rolling.MaximumBatchSize, [5, 50], smallestVariant);
  }
  const { TerminationWaitInSeconds = 0, MaximumExecutionTimeoutInSeconds } = blueGreen ?? {};
  const { WaitIntervalInSeconds = 0 } = blueGreen?.TrafficRoutingConfiguration ?? {};
  const waits = TerminationWaitInSeconds + WaitIntervalInSeconds;
  if (MaximumExecutionTimeoutInSeconds !== undefined && MaximumExecutionTimeoutInSeconds <= waits) {
    throw invalid(
      `MaximumExecutionTimeoutInSeconds (${MaximumExecutionTimeoutInSeconds}) must be larger than TerminationWaitInSeconds and WaitIntervalInSeconds together (${waits}).`,
    );
  }
}

function checkRouting(routing: TrafficRoutingConfig, smallestVariant: number): void {
  const { Type, CanarySize, LinearStepSize } = routing;
  checkPresence('CanarySize', CanarySize, 'CANARY', Type);
  checkPresence('LinearStepSize', LinearStepSize, 'LINEAR', Type);
  checkSize('CanarySize', CanarySize, [0, 50], smallestVariant);
  checkSize('LinearStepSize', LinearStepSize, [10, 50], smallestVariant);
}

function checkPresence(
  member: string,
  size: CapacitySize | undefined,
  itsType: string,
  type: string | undefined,
): void {
  if ((size !== undefined) === (type === itsType)) return;
  throw invalid(
    size === undefined
      ? `${member} is needed where the traffic routing type is ${itsType}.`
      : `${member} is only for the traffic routing type ${itsType}, and this is ${type}.`,
  );
}

/** A variant of one or two instances has no step of half its size and less, but one instance at a time. */
function checkSize(
  member: string,
  size: CapacitySize | undefined,
  [min, max]: readonly [number, number],
  count: number,
): void {
  if (size?.Value === undefined) return;
  const isPercent = size.Type === 'CAPACITY_PERCENT';
  const tooMuch = isPercent ? size.Value > max : size.Value > Math.max(1, (count * max) / 100);
  const tooLittle = isPercent && size.Value < min;
  if (!tooMuch && !tooLittle) return;
  throw invalid(
    `${member} must be ${min > 0 ? `between ${min}% and` : 'at most'} ${max}% of the variant's total instance count, not ${size.Value}${isPercent ? '%' : ` of ${count}`}.`,
  );
}
