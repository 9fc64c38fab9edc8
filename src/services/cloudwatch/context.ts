import type { Caller } from '../../hosting/arn.js';
import type { Alarms } from './alarms.js';
import type { MetricStore } from './metric-store.js';

export interface CloudWatchContext {
  readonly caller: Caller;
  readonly metrics: MetricStore;
  readonly alarms: Alarms;
  readonly now: Date;
}

/** One operation: its input has been checked against the service model; its output is serialised by it. */
export type CloudWatchOperation<Input> = (
  input: Input,
  context: CloudWatchContext,
) => Promise<object | undefined>;
