import { randomUUID } from 'node:crypto';
import { messageOf } from '../../errors.js';
import type { Scaled, ScalingActivity } from './context.js';
import { keyOf, variantOf } from './resource.js';

/** Activities that are remembered. */
const MOST_ACTIVITIES = 200;

/** Changes a variant's size, as UpdateEndpointWeightsAndCapacities does. */
export type Resize = (
  endpointName: string,
  variantName: string,
  instances: number,
) => Promise<unknown>;

/** What was last done to a variant's size, by `Date`; 0 where nothing was. */
interface Last {
  /** It was made larger, reckoned from so many. */
  readonly out: { readonly time: number; readonly from: number };
  readonly any: number;
}

const NEVER: Last = { out: { time: 0, from: 0 }, any: 0 };

export interface CapacityChange {
  readonly before: number;
  readonly capacity: number;
  /** What it was reckoned from: less than `before` where a cool-down has begun with fewer. */
  readonly base: number;
  /** In words. */
  readonly cause: string;
}

/** Changes the sizes of variants, remembers when, for the cool-downs, and notes each attempt as an activity. */
export class CapacityChanges {
  readonly #activities: ScalingActivity[];
  readonly #resize: Resize;
  readonly #last = new Map<string, Last>();

  /** @param activities the newest first; kept within bounds here */
  constructor(activities: ScalingActivity[], resize: Resize) {
    this.#activities = activities;
    this.#resize = resize;
  }

  last(target: Scaled): Last {
    return this.#last.get(keyOf(target)) ?? NEVER;
  }

  /** Tries it; how it went is in the activities. */
  async make(target: Scaled, change: CapacityChange, now: Date): Promise<void> {
    const { endpointName, variantName } = variantOf(target);
    const { before, capacity, base, cause } = change;
    const activity = activityOf(target, cause, capacity, now);
    try {
      await this.#resize(endpointName, variantName, capacity);
      const time = now.getTime();
      const out = capacity > before ? { time, from: base } : this.last(target).out;
      this.#last.set(keyOf(target), { out, any: time });
      const StatusMessage = `Successfully set desired instance count to ${capacity}.`;
      this.#note({ ...activity, StatusCode: 'Successful', StatusMessage });
    } catch (error) {
      const StatusMessage = `Failed to set desired instance count to ${capacity}. Reason: ${messageOf(error)}`;
      this.#note({ ...activity, StatusCode: 'Failed', StatusMessage });
    }
  }

  /** Notes what was asked for and could not be decided. */
  refuse(target: Scaled, cause: string, reason: string, now: Date): void {
    const { ServiceNamespace, ResourceId, ScalableDimension } = target;
    this.#note({
      ...{ ServiceNamespace, ResourceId, ScalableDimension, StartTime: now, EndTime: now },
      ...{ ActivityId: randomUUID(), Cause: cause, StatusCode: 'Failed' },
      ...{ Description: 'Setting desired instance count.', StatusMessage: reason },
    });
  }

  #note(activity: ScalingActivity): void {
    this.#activities.unshift(activity);
    this.#activities.length = Math.min(this.#activities.length, MOST_ACTIVITIES);
  }
}

function activityOf(target: Scaled, Cause: string, capacity: number, now: Date) {
  const { ServiceNamespace, ResourceId, ScalableDimension } = target;
  return {
    ...{ ServiceNamespace, ResourceId, ScalableDimension, StartTime: now, EndTime: now },
    ActivityId: randomUUID(),
    Description: `Setting desired instance count to ${capacity}.`,
    Cause,
  };
}
