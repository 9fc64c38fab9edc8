import type { EndpointStatus } from '@aws-sdk/client-sagemaker';

type Served = Extract<
  EndpointStatus,
  'Creating' | 'InService' | 'Updating' | 'RollingBack' | 'Deleting' | 'Failed'
>;

/** The states smlocal's endpoints are in, and where each may go. The service has more, for failures it alone can have. */
const NEXT: Readonly<Record<Served, readonly EndpointStatus[]>> = {
  Creating: ['InService', 'Failed'],
  InService: ['Updating', 'Deleting'],
  Updating: ['InService', 'RollingBack'],
  RollingBack: ['InService'],
  Deleting: [],
  // Not on AWS: here a mended file brings a failed endpoint up again.
  Failed: ['Deleting', 'Creating'],
};

/** Is this a move that DescribeEndpoint may ever show? */
export function mayBecome(from: EndpointStatus, to: EndpointStatus): boolean {
  return NEXT[from as Served]?.includes(to) ?? false;
}

/** While one of these lasts, update and delete are refused: "Cannot update in-progress endpoint". */
export function isInProgress(status: EndpointStatus): boolean {
  return status === 'Creating' || status === 'Updating' || status === 'RollingBack';
}
