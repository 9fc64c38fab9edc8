/** Who a request speaks for: read from its signature's credential scope, else the daemon's defaults. */
export interface Caller {
  readonly region: string;
  readonly accountId: string;
}

export type ResourceType = 'model' | 'endpoint-config' | 'endpoint';

/** The partition is AWS's rule on region names: `cn-` and `us-gov-` have their own. */
export function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  if (region.startsWith('us-gov-')) return 'aws-us-gov';
  return 'aws';
}

/** The service lower-cases the name in the ARNs of endpoints and their configs (seen in public issues); models likewise. */
export function arnOf(caller: Caller, type: ResourceType, name: string): string {
  const { region, accountId } = caller;
  return `arn:${partitionOf(region)}:sagemaker:${region}:${accountId}:${type}/${name.toLowerCase()}`;
}

/** The region that an ARN names. */
export function regionOf(arn: string): string {
  return arn.split(':')[3] ?? '';
}

/** The log group of an endpoint's containers, as `ModelError.LogStreamArn` names it. */
export function logGroupArn(caller: Caller, endpointName: string): string {
  const { region, accountId } = caller;
  return `arn:${partitionOf(region)}:logs:${region}:${accountId}:log-group:/aws/sagemaker/Endpoints/${endpointName}`;
}
