import { setTimeout as delay } from 'node:timers/promises';
import type {
  DescribeEndpointCommandOutput,
  EndpointConfigSummary,
  EndpointSummary,
  ListTagsCommandOutput,
  ModelSummary,
} from '@aws-sdk/client-sagemaker';
import { ServiceError } from '../errors.js';
import { ENDPOINT_TAG } from './manifest.js';

/** Calls one operation of the control plane by its name. @throws ServiceError */
export type ControlPlane = (operation: string, input: object) => Promise<object | undefined>;

interface Lists {
  Endpoints: EndpointSummary;
  EndpointConfigs: EndpointConfigSummary;
  Models: ModelSummary;
}

/** Every resource of a kind, page after page; those whose names contain a text, where one is given. */
export async function* pages<K extends keyof Lists>(
  control: ControlPlane,
  kind: K,
  NameContains?: string,
): AsyncGenerator<Lists[K]> {
  let NextToken: string | undefined;
  do {
    const page = await control(`List${kind}`, { NextToken, NameContains, MaxResults: 100 });
    const { [kind]: found, NextToken: next } = page as Record<K, Lists[K][]> & {
      NextToken?: string;
    };
    yield* found;
    NextToken = next;
  } while (NextToken !== undefined);
}

/** A resource's tags, by key. */
export async function tagsOf(
  control: ControlPlane,
  ResourceArn: string | undefined,
): Promise<Record<string, string>> {
  const tags: Record<string, string> = {};
  let NextToken: string | undefined;
  do {
    const page = (await control('ListTags', { ResourceArn, NextToken })) as ListTagsCommandOutput;
    for (const { Key = '', Value = '' } of page.Tags ?? []) tags[Key] = Value;
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return tags;
}

/** The endpoint of config.yml that a resource was made for, if it was. */
export async function ownerOf(
  control: ControlPlane,
  ResourceArn: string | undefined,
): Promise<string | undefined> {
  return (await tagsOf(control, ResourceArn))[ENDPOINT_TAG];
}

/** Names carry a digest of the content, so what exists under this name is this. */
export async function createOnce(
  control: ControlPlane,
  operation: string,
  input: object,
): Promise<void> {
  try {
    await control(operation, input);
  } catch (error) {
    if (!isAlreadyThere(error)) throw error;
  }
}

function isAlreadyThere(error: unknown): boolean {
  return (
    error instanceof ServiceError && error.message.startsWith('Cannot create already existing')
  );
}

/** What an operation answers, or undefined where what it names is not there. */
export async function found<T>(
  control: ControlPlane,
  operation: string,
  input: object,
): Promise<T | undefined> {
  try {
    return (await control(operation, input)) as T;
  } catch (error) {
    if (error instanceof ServiceError && error.message.startsWith('Could not find')) {
      return undefined;
    }
    throw error;
  }
}

export function describeEndpoint(
  control: ControlPlane,
  EndpointName: string,
): Promise<DescribeEndpointCommandOutput | undefined> {
  return found(control, 'DescribeEndpoint', { EndpointName });
}

/** The config that an endpoint is on its way to, or has. */
export function configNameOf(endpoint: DescribeEndpointCommandOutput): string | undefined {
  return endpoint.PendingDeploymentSummary?.EndpointConfigName ?? endpoint.EndpointConfigName;
}

/** Whether an endpoint can be changed, or has to be waited for first. */
export function isSettled(endpoint: DescribeEndpointCommandOutput | undefined): boolean {
  return (
    endpoint === undefined ||
    ['InService', 'Failed', 'OutOfService', 'UpdateRollbackFailed'].includes(
      endpoint.EndpointStatus ?? '',
    )
  );
}

export async function gone(
  control: ControlPlane,
  EndpointName: string,
  pollMs: number,
  signal: AbortSignal,
): Promise<void> {
  while ((await describeEndpoint(control, EndpointName)) !== undefined)
    await delay(pollMs, undefined, { signal });
}
