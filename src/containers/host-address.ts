import { isIPv4 } from 'node:net';
import type { HostAddress } from './engine.js';
import type { EngineClient } from './engine-client.js';

/** The network that containers are on where none is asked for. */
const NETWORK = 'bridge';

/**
 * What Docker Desktop and its kind, whose containers run in a virtual machine, call the machine that they run on. What comes
 * by this name arrives at 127.0.0.1.
 */
const DESKTOP: HostAddress = { listenOn: '127.0.0.1', reachedAs: 'host.docker.internal' };

/**
 * On Linux the bridge's gateway is an address of this machine that its containers can route to. Whether it is this machine's
 * shows when it is listened on: interfaces without a running container are not listed.
 */
export async function hostAddresses(engine: EngineClient): Promise<HostAddress[]> {
  const network = await engine.call((docker) => docker.getNetwork(NETWORK).inspect());
  const gateways: string[] = (network.IPAM?.Config ?? []).flatMap(
    ({ Gateway = '' }: { Gateway?: string }) => (isIPv4(Gateway) ? Gateway : []),
  );
  return [...gateways.map((one) => ({ listenOn: one, reachedAs: one })), DESKTOP];
}
