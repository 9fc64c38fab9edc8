import type { Artifacts } from '../../artifacts/artifacts.js';
import type { Caller } from '../../hosting/arn.js';
import type { EndpointRecord, Records } from '../../hosting/records.js';

/** What an operation may touch. */
export interface OperationContext {
  readonly caller: Caller;
  readonly records: Records;
  readonly artifacts: Pick<Artifacts, 'exists'>;
  /** Saves an endpoint's new desired state and has it brought about; resolves when it is saved. */
  readonly saveEndpoint: (record: EndpointRecord) => Promise<void>;
  readonly now: Date;
}

/** One operation: its input has been checked against the service model; its output is serialised by it. */
export type Operation<Input, Output> = (input: Input, context: OperationContext) => Promise<Output>;
