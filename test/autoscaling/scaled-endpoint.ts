import { WatchedDaemon } from '../support/watched.js';

const SERVER = `
from http.server import BaseHTTPRequestHandler, HTTPServer
import os

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

HTTPServer(("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Handler).serve_forever()
`;

/** An endpoint's variant, as Application Auto Scaling names it. */
export function variantOf(endpointName: string) {
  return {
    ServiceNamespace: 'sagemaker',
    ResourceId: `endpoint/${endpointName}/variant/AllTraffic`,
    ScalableDimension: 'sagemaker:variant:DesiredInstanceCount',
  } as const;
}

/** A daemon with an endpoint of which there can soon be more instances: a process that only says that it is well. */
export async function daemonWith(endpointName: string): Promise<WatchedDaemon> {
  const watched = await WatchedDaemon.start({}, 'process');
  const serving = { image: 'any', command: 'python3 server.py' };
  await watched.endpoint(endpointName, { 'server.py': SERVER }, serving);
  return watched;
}
