import type { MetricStore } from './metric-store.js';

export interface CloudWatchContext {
  readonly metrics: MetricStore;
  readonly now: Date;
}

/** One operation: its input has been checked against the service model; its output is serialised by it. */
export type CloudWatchOperation<Input> = (
  input: Input,
  context: CloudWatchContext,
) => Promise<object | undefined>;
