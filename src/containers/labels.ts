/** The labels by which we know our own containers again, after a restart and beside those of other daemons. */

/** Id of the state folder: two daemons on one engine never touch each other's containers. */
export const STATE_LABEL = 'smlocal.state';
export const ENDPOINT_LABEL = 'smlocal.endpoint';
const VARIANT_LABEL = 'smlocal.variant';
/** One roll-out of an endpoint config; a new one stands beside the old until it is ready. */
const DEPLOYMENT_LABEL = 'smlocal.deployment';
/** Which of a variant's instances, from 0. */
export const INSTANCE_LABEL = 'smlocal.instance';
/** The port that the server in the container listens on; others may be published beside it. */
export const PORT_LABEL = 'smlocal.port';

export interface ContainerLabels {
  readonly stateId: string;
  readonly endpointName: string;
  readonly variantName: string;
  readonly deploymentId: string;
  readonly instance: number;
}

export function containerLabels(labels: ContainerLabels): Record<string, string> {
  return {
    [STATE_LABEL]: labels.stateId,
    [ENDPOINT_LABEL]: labels.endpointName,
    [VARIANT_LABEL]: labels.variantName,
    [DEPLOYMENT_LABEL]: labels.deploymentId,
    [INSTANCE_LABEL]: String(labels.instance),
  };
}

/** @returns undefined where one is missing or makes no sense: then the container is not ours. */
export function readLabels(
  record: Readonly<Record<string, string | undefined>>,
): ContainerLabels | undefined {
  const stateId = record[STATE_LABEL];
  const endpointName = record[ENDPOINT_LABEL];
  const variantName = record[VARIANT_LABEL];
  const deploymentId = record[DEPLOYMENT_LABEL];
  const instance = record[INSTANCE_LABEL];
  if (!stateId || !endpointName || !variantName || !deploymentId) return undefined;
  if (instance === undefined || !/^\d{1,9}$/.test(instance)) return undefined;
  return { stateId, endpointName, variantName, deploymentId, instance: Number(instance) };
}
