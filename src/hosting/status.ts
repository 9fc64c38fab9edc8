import type { EndpointStatus } from '@aws-sdk/client-sagemaker';

/** The statuses of smlocal's endpoints; the service has more, for failures that it alone can have. */
export type ServedStatus = Extract<
  EndpointStatus,
  'Creating' | 'InService' | 'Updating' | 'RollingBack' | 'Deleting' | 'Failed'
>;

/** What clients ask of an endpoint, and what becomes of its containers. */
export type EndpointEvent =
  | 'CreateEndpoint'
  | 'UpdateEndpoint'
  | 'UpdateEndpointWeightsAndCapacities'
  | 'DeleteEndpoint'
  | 'came up'
  | 'did not come up'
  | 'rolled back'
  /** A file was saved, or a reload asked for. Not on AWS: there a failed endpoint stays one. */
  | 'redeployed'
  | 'containers gone';

/** Why a request is refused where the table has no move for it. */
export type Refusal = 'not found' | 'already exists' | 'in progress' | 'failed';

type Situation = ServedStatus | 'absent';

/**
 * Every legal move; what is not here cannot happen. After the status table of the developer guide: a failed endpoint can
 * only be deleted, and one that is being worked on can only be waited for.
 */
const MOVES: Readonly<Record<Situation, Readonly<Partial<Record<EndpointEvent, Situation>>>>> = {
  absent: { CreateEndpoint: 'Creating' },
  Creating: { 'came up': 'InService', 'did not come up': 'Failed' },
  InService: {
    UpdateEndpoint: 'Updating',
    UpdateEndpointWeightsAndCapacities: 'Updating',
    DeleteEndpoint: 'Deleting',
    redeployed: 'Updating',
  },
  Updating: { 'came up': 'InService', 'did not come up': 'RollingBack' },
  RollingBack: { 'rolled back': 'InService' },
  Deleting: { 'containers gone': 'absent' },
  Failed: { DeleteEndpoint: 'Deleting', redeployed: 'Creating' },
};

/** Where an event leads from a status, `absent` for no endpoint; undefined where it has no business there. */
export function after(
  from: EndpointStatus | 'absent',
  event: EndpointEvent,
): ServedStatus | 'absent' | undefined {
  return MOVES[from as Situation]?.[event];
}

/** Why a request has no move from a status. */
export function refusal(from: EndpointStatus | 'absent', event: EndpointEvent): Refusal {
  if (from === 'absent') return 'not found';
  if (event === 'CreateEndpoint') return 'already exists';
  return from === 'Failed' ? 'failed' : 'in progress';
}

/** Is this a move that DescribeEndpoint may ever show? */
export function mayBecome(from: EndpointStatus, to: EndpointStatus): boolean {
  return Object.values(MOVES[from as Situation] ?? {}).includes(to as Situation);
}
