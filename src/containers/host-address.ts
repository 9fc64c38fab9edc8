import { networkInterfaces } from 'node:os';
import type { HostAddress } from './engine.js';
import type { EngineClient } from './engine-client.js';

/** The network that containers are on where none is asked for. */
const NETWORK = 'bridge';

/**
 * What Docker Desktop and its kind, whose containers run in a virtual machine, call the machine that they run on. What comes
 * by this name arrives at 127.0.0.1.
 */
const DESKTOP: HostAddress = { listenOn: '127.0.0.1', reachedAs: 'host.docker.internal' };

/** On Linux the bridge's gateway is an address of this machine that its containers and nobody beyond it can route to. */
export async function hostAddress(engine: EngineClient): Promise<HostAddress> {
  const network = await engine.call((docker) => docker.getNetwork(NETWORK).inspect());
  const gateways: string[] = (network.IPAM?.Config ?? []).flatMap(
    ({ Gateway }: { Gateway?: string }) => Gateway ?? [],
  );
  const own = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  const gateway = gateways.find((one) =>
    own.some(({ address, family }) => family === 'IPv4' && address === one),
  );
  return gateway === undefined ? DESKTOP : { listenOn: gateway, reachedAs: gateway };
}
