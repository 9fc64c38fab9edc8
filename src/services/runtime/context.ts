import type { Caller } from '../../hosting/arn.js';
import type { RouteTable } from '../../hosting/route-table.js';
import type { InvocationMetrics } from '../cloudwatch/invocation-metrics.js';

/** What an invocation reads of its headers and path; named as in the service model. */
export interface InvocationInput {
  readonly EndpointName: string;
  readonly TargetVariant?: string;
  readonly TargetModel?: string;
  readonly TargetContainerHostname?: string;
  readonly InferenceComponentName?: string;
}

export interface RuntimeContext {
  readonly routes: RouteTable;
  readonly caller: Caller;
  readonly requestId: string;
  /** What each invocation is measured into. */
  readonly metrics: InvocationMetrics;
  /** When the request came, by `performance.now()`. */
  readonly cameAt: number;
}
