import type { HostingEvents, Launch } from '../hosting/events.js';
import type { ReloadEvents } from '../reload/reloader.js';
import type { ReloadReport } from '../reload/report.js';
import type { InvocationMetrics } from '../services/cloudwatch/invocation-metrics.js';
import type { PrintedMetrics } from '../services/cloudwatch/printed-metrics.js';
import type { Family, Sample } from '../services/prometheus/exposition.js';
import { Histogram } from '../services/prometheus/histogram.js';

interface CountedEvents {
  readonly events: HostingEvents;
  readonly invocations: InvocationMetrics;
  readonly printed: PrintedMetrics;
}

type Labels = Readonly<Record<string, string>>;

/** What has happened to one endpoint. */
class OfEndpoint {
  readonly starts = new Map<string, { labels: Labels; all: number; again: number }>();
  readonly reloads = new Map<string, { labels: Labels; count: number }>();
  readonly reloadTimes = new Map<string, { labels: Labels; times: Histogram }>();
}

/** Counts what happens to endpoints, for as long as they are there. */
export class EventCounts {
  readonly #endpoints = new Map<string, OfEndpoint>();

  constructor({ events, invocations, printed }: CountedEvents) {
    events.on('launched', (launch) => {
      this.#countStart(launch);
      const { endpointName, variantName, milliseconds } = launch;
      if (launch.serverless) invocations.recordSetup(endpointName, variantName, milliseconds);
    });
    events.on('status', ({ endpointName, status }) => {
      if (status !== 'Deleted') return;
      this.#endpoints.delete(endpointName);
      invocations.forget(endpointName);
      printed.forget(endpointName);
    });
  }

  countReloads(reloads: ReloadEvents): void {
    reloads.on('report', (report) => this.#countReload(report));
  }

  families(): Family[] {
    const all = [...this.#endpoints.values()];
    const starts = all.flatMap((one) => [...one.starts.values()]);
    return [
      counter(
        'smlocal_container_starts_total',
        'Containers that were started and came up.',
        starts.map(({ labels, all: value }) => ({ labels, value })),
      ),
      counter(
        'smlocal_container_restarts_total',
        'Of these, the ones that took the place of one that had ended.',
        starts.map(({ labels, again: value }) => ({ labels, value })),
      ),
      counter(
        'smlocal_reloads_total',
        'Reloads by tier, and whether the new code was taken or refused.',
        all.flatMap((one) =>
          [...one.reloads.values()].map(({ labels, count }) => ({ labels, value: count })),
        ),
      ),
      {
        name: 'smlocal_reload_duration_seconds',
        help: 'From the change to the end of the reload.',
        type: 'histogram',
        samples: all.flatMap((one) =>
          [...one.reloadTimes.values()].flatMap(({ labels, times }) => times.samples(labels)),
        ),
      },
    ];
  }

  #countStart({ endpointName: endpoint, variantName: variant, again }: Launch): void {
    const { starts } = this.#of(endpoint);
    const count = starts.get(variant) ?? { labels: { endpoint, variant }, all: 0, again: 0 };
    starts.set(variant, { ...count, all: count.all + 1, again: count.again + (again ? 1 : 0) });
  }

  #countReload({ endpointName: endpoint, tier, failure, milliseconds }: ReloadReport): void {
    const { reloads, reloadTimes } = this.#of(endpoint);
    const result = failure === undefined ? 'taken' : 'refused';
    const labels = { endpoint, tier, result };
    const count = reloads.get(`${tier} ${result}`)?.count ?? 0;
    reloads.set(`${tier} ${result}`, { labels, count: count + 1 });
    const times = reloadTimes.get(tier) ?? { labels: { endpoint, tier }, times: new Histogram() };
    reloadTimes.set(tier, times);
    times.times.observe(milliseconds / 1000);
  }

  #of(endpointName: string): OfEndpoint {
    const found = this.#endpoints.get(endpointName) ?? new OfEndpoint();
    this.#endpoints.set(endpointName, found);
    return found;
  }
}

function counter(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, help, type: 'counter', samples };
}
