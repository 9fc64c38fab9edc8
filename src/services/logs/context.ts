import type { Caller } from '../../hosting/arn.js';
import type { LogStore } from './log-store.js';

export interface LogsContext {
  readonly caller: Caller;
  readonly logs: LogStore;
}

/** One operation: its input has been checked against the service model; its output is serialised by it. */
export type LogsOperation<Input> = (
  input: Input,
  context: LogsContext,
) => Promise<object | undefined>;

/** How operations name the group they are about: one of the two. */
export interface GroupNamed {
  readonly logGroupName?: string;
  readonly logGroupIdentifier?: string;
}
