import type { ControlPlane } from '../deploy/control.js';
import type { HostingEvents } from '../hosting/events.js';
import type { Logger } from '../log.js';
import { CapacityChanges } from '../services/application-autoscaling/capacity-changes.js';
import { variantOf } from '../services/application-autoscaling/resource.js';
import { Scaler } from '../services/application-autoscaling/scaler.js';
import { StepScaler } from '../services/application-autoscaling/step-scaler.js';
import { deregister } from '../services/application-autoscaling/targets.js';
import type { AwsServices } from '../services/aws.js';
import type { Alarm } from '../services/cloudwatch/alarm.js';

/** How often variants are looked at. Metrics are kept by the minute. */
const LOOK_MS = 10_000;

interface ScalingParts {
  readonly aws: AwsServices;
  readonly events: HostingEvents;
  readonly control: ControlPlane;
  readonly log: Logger;
}

/**
 * Looks at alarms, scales variants by their policies, and forgets those of endpoints that are gone.
 * @returns ends it
 */
export function startScaling({ aws, events, control, log }: ScalingParts): () => void {
  const { scaling, metrics } = aws;
  const changes = new CapacityChanges(scaling.activities, (EndpointName, VariantName, count) =>
    control('UpdateEndpointWeightsAndCapacities', {
      EndpointName,
      DesiredWeightsAndCapacities: [{ VariantName, DesiredInstanceCount: count }],
    }),
  );
  const scaler = new Scaler(scaling, metrics, changes);
  const steps = new StepScaler(scaling, changes);
  const fail = (err: unknown) => log.error({ err }, 'scaling failed');
  let looking = false;
  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    const now = new Date();
    scaling.alarms
      .evaluate(now)
      .catch(fail)
      .then(() => scaler.evaluate(now))
      .catch(fail)
      .finally(() => {
        looking = false;
      });
  }, LOOK_MS).unref();
  const act = (alarm: Alarm, actions: readonly string[]) => {
    steps.called(alarm, actions, new Date()).catch(fail);
  };
  scaling.alarms.on('actions', act);
  const forget = ({ endpointName, status }: { endpointName: string; status: string }) => {
    if (status !== 'Deleted') return;
    for (const target of scaling.targets.values()) {
      if (variantOf(target).endpointName === endpointName) deregister(target, scaling).catch(fail);
    }
  };
  events.on('status', forget);
  return () => {
    clearInterval(timer);
    scaling.alarms.off('actions', act);
    events.off('status', forget);
  };
}
