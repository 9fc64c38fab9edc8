import type { Config } from '../config/config.js';
import type { ContainerEngine } from '../containers/engine.js';
import type { EngineDoor } from '../containers/engine-door.js';
import type { ControlPlane } from '../deploy/control.js';
import type { Captures } from '../hosting/capture/captures.js';
import type { HostingEvents } from '../hosting/events.js';
import type { Records } from '../hosting/records.js';
import type { RouteTable } from '../hosting/route-table.js';
import type { Logger } from '../log.js';
import type { AwsServices } from '../services/aws.js';
import { openDoor } from './docker-door.js';
import { EventCounts } from './event-counts.js';
import { LogCollector } from './log-collector.js';
import { metricsPage } from './metrics-page.js';
import { ResourceSampler } from './resource-sampler.js';
import { startScaling } from './scaling.js';
import type { StateFolder } from './state-folder.js';

interface BackgroundParts {
  readonly config: Config;
  readonly folder: StateFolder;
  readonly engine: ContainerEngine;
  readonly events: HostingEvents;
  readonly records: Records;
  readonly routes: RouteTable;
  readonly aws: AwsServices;
  readonly captures: Captures;
  readonly log: Logger;
}

/** What the services beside SageMaker do while nobody asks: output is collected, instances are measured, variants are scaled, pushes are taken. */
export class AwsBackground {
  readonly counts: EventCounts;
  readonly #parts: BackgroundParts;
  readonly #collector: LogCollector;
  readonly #sampler: ResourceSampler;
  #door: EngineDoor | undefined;
  #endScaling = () => {};

  constructor(parts: BackgroundParts) {
    this.#parts = parts;
    this.counts = new EventCounts({ events: parts.events, ...parts.aws });
    this.#collector = new LogCollector({
      ...parts,
      ...{ stateId: parts.folder.id, logs: parts.aws.logs, printed: parts.aws.printed },
    });
    this.#sampler = new ResourceSampler({ ...parts, metrics: parts.aws.metrics });
  }

  /** All that Prometheus is told when it asks. */
  metricsPage(): string {
    return metricsPage({ ...this.#parts, counts: this.counts, usage: this.#sampler.latest });
  }

  /** Opens the engine's door to ECR. @returns what DOCKER_HOST has to be for it; undefined where there is none */
  async openDoor(): Promise<string | undefined> {
    this.#door = await openDoor(this.#parts);
    return this.#door?.url;
  }

  /** Begins with the endpoints. */
  start(control: ControlPlane): void {
    this.#collector.start();
    this.#sampler.start();
    this.#endScaling = startScaling({ ...this.#parts, control });
  }

  /** No variant is scaled or measured from now on. */
  endScaling(): void {
    this.#endScaling();
    this.#sampler.close();
  }

  /** When the containers are gone: their last lines are kept, and what is captured is written. */
  async close(): Promise<void> {
    await this.#parts.captures.close();
    await this.#collector.close();
    await this.#door?.close();
    this.#parts.aws.s3.passthrough?.close();
  }
}
