import type { ObservedContainer } from '../containers/engine.js';
import { regionOf } from './arn.js';
import {
  type BringUpParts,
  type BringUpRequest,
  bringUp,
  type ReadyContainer,
  watchUntilReady,
} from './bring-up.js';
import type { Captures } from './capture/captures.js';
import { isMultiModel } from './container-spec.js';
import { isDebugged } from './debugging.js';
import { withResolvedImages } from './deployment.js';
import type { HostingEvents, Launch } from './events.js';
import { startFailure } from './failure-reason.js';
import type { ContainerWatch, Instances } from './instances.js';
import { modelsOf } from './multi-model/models-of.js';
import { type InstanceKey, instancesOf, type Step } from './plan.js';
import type { Deployment, EndpointRecord, VariantDeployment } from './records.js';
import type { RouteTable, VariantRoute } from './route-table.js';

export interface ExecuteParts extends BringUpParts {
  readonly instances: Instances;
  readonly routes: RouteTable;
  readonly events: HostingEvents;
  readonly captures: Captures;
}

export interface ExecuteContext {
  readonly record: EndpointRecord;
  readonly signal: AbortSignal;
  readonly watch: ContainerWatch;
}

type ComeUpStep = Extract<Step, { kind: 'start' | 'adopt' }>;

/**
 * Does the steps of a plan that bring a deployment up and give it the traffic; decides nothing. The `retire` steps are
 * the caller's, for they may outlast the plan.
 *
 * @returns the deployment that took the traffic, with the images that were found for it
 * @throws the first failure; whatever else was coming up has then been let go of
 */
export async function executePlan(
  parts: ExecuteParts,
  context: ExecuteContext,
  steps: readonly Step[],
): Promise<Deployment | undefined> {
  await Promise.all(
    stepsOf(steps, 'remove').map(async ({ container }) => {
      await parts.engine.remove(container.id);
      await parts.artifacts.shelfOf(container.name).remove();
    }),
  );
  const route = stepsOf(steps, 'route')[0];
  if (route === undefined) return undefined;
  const comingUp = [...stepsOf(steps, 'start'), ...stepsOf(steps, 'adopt')];
  const resolved = await comeUp(parts, context, route.deployment, comingUp);
  parts.routes.set({
    endpointName: context.record.EndpointName,
    deploymentId: route.deployment.id,
    variants: variantRoutes(parts, context.record.EndpointName, route.deployment),
  });
  return withResolvedImages(route.deployment, resolved, new Date());
}

function stepsOf<K extends Step['kind']>(
  steps: readonly Step[],
  kind: K,
): Extract<Step, { kind: K }>[] {
  return steps.filter((step): step is Extract<Step, { kind: K }> => step.kind === kind);
}

/** Brings all instances up at once; one that fails takes the others with it. Returns each variant's resolved image. */
async function comeUp(
  parts: ExecuteParts,
  context: ExecuteContext,
  deployment: Deployment,
  steps: readonly ComeUpStep[],
): Promise<Map<string, string>> {
  const abort = new AbortController();
  const signal = AbortSignal.any([context.signal, abort.signal]);
  const resolved = new Map<string, string>();
  const attempts = steps.map(async (step) => {
    try {
      const began = performance.now();
      const request = requestFor(parts, context, deployment, step, signal);
      const container = await readyContainer(parts, request, step);
      if (step.kind === 'start') {
        parts.events.emit('launched', launchOf(context.record, deployment, request, began));
      }
      if (container.resolvedImage) resolved.set(step.key.variantName, container.resolvedImage);
      const backend = parts.instances.add(step.key, container, context.watch);
      const { EndpointName } = context.record;
      const { container: definition } = wantedBy(deployment, step.key);
      backend.models = modelsOf(parts, backend, {
        ...step,
        endpointName: EndpointName,
        definition,
      });
    } catch (error) {
      abort.abort(error);
      throw error;
    }
  });
  await Promise.allSettled(attempts);
  if (abort.signal.aborted) throw abort.signal.reason;
  return resolved;
}

function launchOf(
  record: EndpointRecord,
  deployment: Deployment,
  { endpointName, key, wanted }: BringUpRequest,
  began: number,
): Launch {
  return {
    ...{ endpointName, variantName: key.variantName },
    milliseconds: performance.now() - began,
    serverless: wanted.variant.ServerlessConfig !== undefined,
    again: record.deployment?.id === deployment.id,
  };
}

function readyContainer(
  parts: ExecuteParts,
  request: BringUpRequest,
  step: ComeUpStep,
): Promise<ReadyContainer> {
  parts.events.emit('step', { endpointName: request.endpointName, text: describe(step) });
  return step.kind === 'start' ? bringUp(parts, request) : adopt(parts, request, step.container);
}

function adopt(
  parts: ExecuteParts,
  request: BringUpRequest,
  container: ObservedContainer,
): Promise<ReadyContainer> {
  const { id, name, address } = container;
  if (address === undefined)
    throw startFailure(request.key.variantName, 'The container publishes no port.');
  return watchUntilReady(parts, request, { id, name, address });
}

function requestFor(
  parts: ExecuteParts,
  context: ExecuteContext,
  deployment: Deployment,
  step: ComeUpStep,
  signal: AbortSignal,
): BringUpRequest {
  const endpointName = context.record.EndpointName;
  return {
    endpointName,
    region: regionOf(context.record.EndpointArn),
    key: step.key,
    wanted: wantedBy(deployment, step.key),
    signal,
    onProgress: (progress) => parts.events.emit('progress', { endpointName, progress }),
  };
}

function wantedBy(deployment: Deployment, { variantName }: InstanceKey): VariantDeployment {
  const wanted = deployment.variants.find(({ variant }) => variant.VariantName === variantName);
  if (wanted === undefined) throw new Error(`${variantName} is not in deployment ${deployment.id}`);
  return wanted;
}

function variantRoutes(
  { instances, captures }: ExecuteParts,
  endpointName: string,
  deployment: Deployment,
): VariantRoute[] {
  const keys = instancesOf(deployment);
  return deployment.variants.map(({ variant, container, weight }) => ({
    variantName: variant.VariantName,
    weight,
    timesOut: !isDebugged(container),
    isMultiModel: isMultiModel(container),
    maxConcurrency: variant.ServerlessConfig?.MaxConcurrency,
    capture: captures.of(endpointName, variant.VariantName, deployment.DataCaptureConfig),
    routingStrategy: variant.RoutingConfig?.RoutingStrategy ?? 'RANDOM',
    backends: keys
      .filter((key) => key.variantName === variant.VariantName)
      .flatMap((key) => instances.get(key) ?? []),
  }));
}

/** A step as one line: what, and why. */
export function describe(step: Step): string {
  if (step.kind === 'route')
    return `routing traffic to deployment ${step.deployment.id}: ${step.cause}`;
  const verb = { start: 'starting', adopt: 'adopting', remove: 'removing', retire: 'retiring' }[
    step.kind
  ];
  const what = 'key' in step ? nameOf(step.key) : step.container.name;
  return `${verb} ${what}: ${step.cause}`;
}

function nameOf({ variantName, instance }: InstanceKey): string {
  return `${variantName}/${instance}`;
}
