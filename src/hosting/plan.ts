import type { ObservedContainer } from '../containers/engine.js';
import { readLabels } from '../containers/labels.js';
import type { Deployment, EndpointRecord } from './records.js';

/** One container that a deployment wants. */
export interface InstanceKey {
  readonly deploymentId: string;
  readonly variantName: string;
  /** 0, 1, … within the variant. */
  readonly instance: number;
}

/** What the executor is to do, in this order; every step says why. */
export type Step =
  | { readonly kind: 'remove'; readonly container: ObservedContainer; readonly cause: string }
  | { readonly kind: 'start'; readonly key: InstanceKey; readonly cause: string }
  | {
      readonly kind: 'adopt';
      readonly key: InstanceKey;
      readonly container: ObservedContainer;
      readonly cause: string;
    }
  | { readonly kind: 'route'; readonly deployment: Deployment; readonly cause: string }
  | { readonly kind: 'retire'; readonly container: ObservedContainer; readonly cause: string };

/**
 * What must happen for an endpoint's containers to agree with its record. Pure: nothing but its arguments decides.
 *
 * @param record the endpoint as it is wanted; absent when it was deleted
 * @param observed every container that carries the endpoint's label
 * @param routed ids of the containers that take traffic now
 */
export function planEndpoint(
  record: EndpointRecord | undefined,
  observed: readonly ObservedContainer[],
  routed: ReadonlySet<string>,
): Step[] {
  if (record === undefined || record.EndpointStatus === 'Deleting') {
    return observed.map((container) => ({
      kind: 'retire',
      container,
      cause: 'the endpoint is being deleted',
    }));
  }
  if (record.EndpointStatus === 'Failed') {
    // A stopped container is kept: its log says why the endpoint failed.
    return observed
      .filter((container) => container.running)
      .map((container) => ({ kind: 'retire', container, cause: 'the endpoint has failed' }));
  }
  const target = record.pending ?? record.deployment;
  return target === undefined ? [] : planDeployment(record, target, observed, routed);
}

function planDeployment(
  record: EndpointRecord,
  target: Deployment,
  observed: readonly ObservedContainer[],
  routed: ReadonlySet<string>,
): Step[] {
  const steps: Step[] = [];
  const kept = new Set<ObservedContainer>();
  for (const key of instancesOf(target)) {
    const existing = observed.filter((container) => isInstance(container, key));
    const running = existing.find((container) => container.running);
    for (const stopped of existing.filter((container) => container !== running)) {
      kept.add(stopped);
      steps.push({
        kind: 'remove',
        container: stopped,
        cause: 'it has stopped and another takes its place',
      });
    }
    if (running === undefined) {
      steps.push({
        kind: 'start',
        key,
        cause: existing.length > 0 ? 'its container has stopped' : target.cause,
      });
      continue;
    }
    kept.add(running);
    if (!routed.has(running.id)) {
      steps.push({
        kind: 'adopt',
        key,
        container: running,
        cause: 'it runs already, and is what is wanted',
      });
    }
  }
  if (steps.length > 0 || record.pending !== undefined) {
    steps.push({ kind: 'route', deployment: target, cause: target.cause });
  }
  for (const container of observed) {
    if (!kept.has(container))
      steps.push({ kind: 'retire', container, cause: supersededBy(target) });
  }
  return steps;
}

function supersededBy(target: Deployment): string {
  return `deployment ${target.id} has taken its place`;
}

/** Every instance that a deployment wants, variant by variant. */
export function instancesOf(deployment: Deployment): InstanceKey[] {
  return deployment.variants.flatMap(({ variant, instanceCount }) =>
    Array.from({ length: instanceCount }, (_, instance) => ({
      deploymentId: deployment.id,
      variantName: variant.VariantName,
      instance,
    })),
  );
}

/** Whether a container is this instance, by its labels. */
export function isInstance(container: ObservedContainer, key: InstanceKey): boolean {
  const labels = readLabels(container.labels);
  return (
    labels?.deploymentId === key.deploymentId &&
    labels.variantName === key.variantName &&
    labels.instance === key.instance
  );
}
