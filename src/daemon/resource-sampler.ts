import type { ContainerEngine, ContainerUsage } from '../containers/engine.js';
import type { HostingEvents } from '../hosting/events.js';
import type { Records } from '../hosting/records.js';
import type { RouteTable } from '../hosting/route-table.js';
import type { Logger } from '../log.js';
import type { MetricStore } from '../services/cloudwatch/metric-store.js';
import { recordResources } from '../services/cloudwatch/resource-metrics.js';

/** As often as SageMaker publishes them (developer guide). */
const PERIOD_MS = 60_000;

/** How soon after an endpoint has come up its first values are there: two looks make a share of processor time. */
const FIRST_MS = 5_000;

/** Between two looks that are nearer a processor's clock is too coarse. */
const LEAST_MS = 1_000;

export interface SamplerParts {
  readonly engine: ContainerEngine;
  readonly events: HostingEvents;
  readonly records: Pick<Records, 'endpoints'>;
  readonly routes: RouteTable;
  readonly metrics: MetricStore;
  readonly log: Logger;
}

/** What was seen of one instance when it was last looked at. */
export interface InstanceUsage {
  readonly endpointName: string;
  readonly variantName: string;
  readonly containerId: string;
  readonly usage: ContainerUsage;
  /** By `performance.now()`. */
  readonly at: number;
}

/** Measures what the instances that serve take of the machine, for `/aws/sagemaker/Endpoints`. Asks nobody while none serves. */
export class ResourceSampler {
  readonly #parts: SamplerParts;
  #seen = new Map<string, InstanceUsage>();
  #sampling: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #first: NodeJS.Timeout | undefined;

  constructor(parts: SamplerParts) {
    this.#parts = parts;
  }

  /** What was last seen of each instance. */
  get latest(): readonly InstanceUsage[] {
    return [...this.#seen.values()];
  }

  start(): void {
    this.#parts.events.on('status', this.#onStatus);
    this.#timer = setInterval(() => void this.sample(), PERIOD_MS).unref();
  }

  close(): void {
    this.#parts.events.off('status', this.#onStatus);
    clearInterval(this.#timer);
    clearTimeout(this.#first);
  }

  /** Looks at every instance once; failures are the reconciler's to tell. */
  sample(): Promise<void> {
    this.#sampling ??= this.#sample()
      .catch((err) => this.#parts.log.debug({ err }, 'containers could not be measured'))
      .finally(() => {
        this.#sampling = undefined;
      });
    return this.#sampling;
  }

  readonly #onStatus = ({ status }: { status: string }): void => {
    if (status !== 'InService') return;
    void this.sample();
    clearTimeout(this.#first);
    this.#first = setTimeout(() => void this.sample(), FIRST_MS).unref();
  };

  async #sample(): Promise<void> {
    const found = new Map<string, InstanceUsage>();
    // All at once: some engines answer only when they have measured all of their containers, once a second.
    const looks = this.#instances().map(async (instance) => {
      const usage = await this.#parts.engine.usage(instance.containerId);
      if (usage === undefined) return;
      const seen = { ...instance, usage, at: performance.now() };
      found.set(instance.containerId, this.#record(seen));
    });
    const ended = await Promise.allSettled(looks);
    this.#seen = found;
    const failed = ended.find((one) => one.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  #instances() {
    const { records, routes } = this.#parts;
    return records.endpoints
      .values()
      .flatMap(({ EndpointName: endpointName }) =>
        (routes.get(endpointName)?.variants ?? []).flatMap(({ variantName, backends }) =>
          backends.map(({ containerId }) => ({ endpointName, variantName, containerId })),
        ),
      );
  }

  /** @returns what the next look is held against */
  #record(seen: InstanceUsage): InstanceUsage {
    const before = this.#seen.get(seen.containerId);
    if (before !== undefined && seen.at - before.at < LEAST_MS) return before;
    const { endpointName, variantName, usage } = seen;
    recordResources(this.#parts.metrics, {
      ...{ endpointName, variantName },
      cpu: before && cpuShare(before, seen),
      memory: (100 * usage.memoryBytes) / usage.memoryLimitBytes,
      disk: usage.disk && (100 * usage.disk.usedBytes) / usage.disk.totalBytes,
    });
    return seen;
  }
}

/** In per cent of one core. */
function cpuShare(before: InstanceUsage, after: InstanceUsage): number {
  const seconds = after.usage.cpuSeconds - before.usage.cpuSeconds;
  return (100 * Math.max(0, seconds)) / ((after.at - before.at) / 1000);
}
