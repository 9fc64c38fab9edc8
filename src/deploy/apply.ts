import { setTimeout as delay } from 'node:timers/promises';
import type { DescribeEndpointCommandOutput } from '@aws-sdk/client-sagemaker';
import {
  type ControlPlane,
  configNameOf,
  createOnce,
  describeEndpoint,
  gone,
  isSettled,
  ownerOf,
  pages,
} from './control.js';
import type { Manifest } from './manifest.js';

/** How often an endpoint that has to settle first is looked at. */
const POLL_MS = 50;

/**
 * Makes the endpoint what the manifest says: created where it is missing, updated where its config differs, made anew
 * where it has failed, left alone where it is right. Returns when the work has been asked for, not when it is done.
 *
 * @returns what was done, in a word
 */
export async function applyManifest(
  control: ControlPlane,
  manifest: Manifest,
  signal: AbortSignal,
): Promise<'created' | 'updated' | 'unchanged'> {
  await createOnce(control, 'CreateModel', manifest.model);
  await createOnce(control, 'CreateEndpointConfig', manifest.endpointConfig);
  const { endpointName: EndpointName, tags: Tags } = manifest;
  const { EndpointConfigName } = manifest.endpointConfig;
  const current = await settled(control, EndpointName, EndpointConfigName, signal);
  if (current?.EndpointStatus === 'Failed') {
    await control('DeleteEndpoint', { EndpointName });
    await gone(control, EndpointName, POLL_MS, signal);
  } else if (current !== undefined) {
    if (configNameOf(current) === EndpointConfigName) {
      if (current.EndpointStatus === 'InService') await removeSuperseded(control, manifest);
      return 'unchanged';
    }
    await control('UpdateEndpoint', { EndpointName, EndpointConfigName });
    return 'updated';
  }
  await control('CreateEndpoint', { EndpointName, EndpointConfigName, Tags });
  return 'created';
}

/** Deletes the models and configs that earlier manifests of this endpoint made. The service needs them until an update is done. */
async function removeSuperseded(control: ControlPlane, manifest: Manifest): Promise<void> {
  const { endpointName, model, endpointConfig } = manifest;
  for await (const { EndpointConfigName, EndpointConfigArn } of pages(control, 'EndpointConfigs')) {
    if (EndpointConfigName === endpointConfig.EndpointConfigName) continue;
    if ((await ownerOf(control, EndpointConfigArn)) !== endpointName) continue;
    await control('DeleteEndpointConfig', { EndpointConfigName });
  }
  for await (const { ModelName, ModelArn } of pages(control, 'Models')) {
    if (ModelName === model.ModelName || (await ownerOf(control, ModelArn)) !== endpointName)
      continue;
    await control('DeleteModel', { ModelName });
  }
}

/** Deletes the endpoints that an earlier config.yml made and this one no longer describes. Returns their names. */
export async function removeUndescribed(
  control: ControlPlane,
  described: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<string[]> {
  const removed: string[] = [];
  for await (const { EndpointName, EndpointArn } of pages(control, 'Endpoints')) {
    if (EndpointName === undefined || described.has(EndpointName)) continue;
    if ((await ownerOf(control, EndpointArn)) === undefined) continue;
    await settled(control, EndpointName, undefined, signal);
    await control('DeleteEndpoint', { EndpointName });
    removed.push(EndpointName);
  }
  return removed;
}

/** The endpoint once it can be changed; at once where it is on its way to the wanted config already. */
async function settled(
  control: ControlPlane,
  EndpointName: string,
  wanted: string | undefined,
  signal: AbortSignal,
): Promise<DescribeEndpointCommandOutput | undefined> {
  for (;;) {
    const endpoint = await describeEndpoint(control, EndpointName);
    if (endpoint === undefined || isSettled(endpoint)) return endpoint;
    if (endpoint.EndpointStatus !== 'Deleting' && configNameOf(endpoint) === wanted)
      return endpoint;
    await delay(POLL_MS, undefined, { signal });
  }
}
