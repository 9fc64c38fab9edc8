import { EventEmitter } from 'node:events';
import type { EndpointStatus } from '@aws-sdk/client-sagemaker';
import type { Progress } from '../progress.js';

interface HostingEventMap {
  /** An endpoint has moved to another state. */
  status: [event: { endpointName: string; status: EndpointStatus | 'Deleted'; reason?: string }];
  /** A step of a plan is being done, and why. */
  step: [event: { endpointName: string; text: string }];
  /** Something slow has got further. */
  progress: [event: { endpointName: string; progress: Progress }];
}

/** What hosting tells whoever watches: the terminal, the log, `smlocal status`. */
export class HostingEvents extends EventEmitter<HostingEventMap> {}
