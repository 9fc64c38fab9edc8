import { setTimeout as delay } from 'node:timers/promises';
import type { DescribeEndpointCommandOutput } from '@aws-sdk/client-sagemaker';
import { ExitCode, SmlocalError } from '../errors.js';
import { type ControlPlane, configNameOf, describeEndpoint, isSettled } from './control.js';

/** How often an endpoint is looked at: at first often, for smlocal's are up in a second; AWS's take minutes. */
const FIRST_POLL_MS = 200;
const LAST_POLL_MS = 5_000;

export interface WaitOptions {
  readonly signal: AbortSignal;
  /** Called at each look, with the endpoint's state in words. */
  readonly onState: (state: string) => void;
}

/** Waits until an endpoint can be changed, or is gone. */
export async function whenSettled(
  control: ControlPlane,
  EndpointName: string,
  { signal, onState }: WaitOptions,
): Promise<DescribeEndpointCommandOutput | undefined> {
  for (let pause = FIRST_POLL_MS; ; pause = Math.min(LAST_POLL_MS, pause * 1.3)) {
    const endpoint = await describeEndpoint(control, EndpointName);
    if (endpoint === undefined || isSettled(endpoint)) return endpoint;
    onState(stateOf(endpoint));
    await delay(pause, undefined, { signal });
  }
}

/**
 * Waits until an endpoint serves a config.
 * @throws SmlocalError (exit code `endpointFailed`) where it ends otherwise, which says what serves instead
 */
export async function whenServing(
  control: ControlPlane,
  EndpointName: string,
  configName: string,
  options: WaitOptions,
): Promise<void> {
  const endpoint = await whenSettled(control, EndpointName, options);
  if (endpoint === undefined) throw failed(`The endpoint ${EndpointName} was deleted meanwhile.`);
  const { EndpointStatus, FailureReason = 'no reason was given' } = endpoint;
  const serving = configNameOf(endpoint);
  if (EndpointStatus === 'InService' && serving === configName) return;
  if (EndpointStatus === 'InService') {
    throw failed(
      `The update of ${EndpointName} failed: ${FailureReason}\nThe endpoint goes on with ${serving}, which served before.`,
    );
  }
  throw failed(`The endpoint ${EndpointName} is ${EndpointStatus}: ${FailureReason}`);
}

function stateOf({ EndpointStatus, ProductionVariants }: DescribeEndpointCommandOutput): string {
  const variants = (ProductionVariants ?? []).map(
    ({ VariantName, CurrentInstanceCount = 0, DesiredInstanceCount = 0 }) =>
      `${VariantName} ${CurrentInstanceCount} of ${DesiredInstanceCount}`,
  );
  return variants.length === 0 ? `${EndpointStatus}` : `${EndpointStatus} (${variants.join(', ')})`;
}

function failed(message: string): SmlocalError {
  return new SmlocalError(message, { exitCode: ExitCode.endpointFailed });
}
