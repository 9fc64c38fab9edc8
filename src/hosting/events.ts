import { EventEmitter } from 'node:events';
import type { EndpointStatus } from '@aws-sdk/client-sagemaker';
import type { Progress } from '../progress.js';

export interface Launch {
  readonly endpointName: string;
  readonly variantName: string;
  /** From nothing, its image and model data included. */
  readonly milliseconds: number;
  readonly serverless: boolean;
  /** Whether it takes the place of one that has ended. */
  readonly again: boolean;
}

interface HostingEventMap {
  /** An endpoint has moved to another state. */
  status: [event: { endpointName: string; status: EndpointStatus | 'Deleted'; reason?: string }];
  /** A step of a plan is being done, and why. */
  step: [event: { endpointName: string; text: string }];
  /** A container has been started and answers. */
  launched: [event: Launch];
  /** Something is not as it should be, and what to do about it. */
  notice: [event: { endpointName: string; text: string }];
  /** Something slow has got further. */
  progress: [event: { endpointName: string; progress: Progress }];
}

/** What hosting tells whoever watches, however many: the terminal, the log, `smlocal status`. */
export class HostingEvents extends EventEmitter<HostingEventMap> {
  constructor() {
    super();
    this.setMaxListeners(0);
  }
}
