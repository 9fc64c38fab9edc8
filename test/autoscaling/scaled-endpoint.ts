import { PING_SERVER } from '../support/ping-server.js';
import { WatchedDaemon } from '../support/watched.js';

/** An endpoint's variant, as Application Auto Scaling names it. */
export function variantOf(endpointName: string) {
  return {
    ServiceNamespace: 'sagemaker',
    ResourceId: `endpoint/${endpointName}/variant/AllTraffic`,
    ScalableDimension: 'sagemaker:variant:DesiredInstanceCount',
  } as const;
}

/** A daemon with an endpoint of which there can soon be more instances. */
export async function daemonWith(endpointName: string): Promise<WatchedDaemon> {
  const watched = await WatchedDaemon.start({}, 'process');
  const serving = { image: 'any', command: 'python3 server.py' };
  await watched.endpoint(endpointName, { 'server.py': PING_SERVER }, serving);
  return watched;
}
