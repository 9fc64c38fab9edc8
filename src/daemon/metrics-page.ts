import { readdirSync } from 'node:fs';
import type { Records } from '../hosting/records.js';
import type { RouteTable } from '../hosting/route-table.js';
import type { AwsServices } from '../services/aws.js';
import { exposition, type Family, type Sample } from '../services/prometheus/exposition.js';
import { VERSION } from '../version.js';
import type { EventCounts } from './event-counts.js';
import { instanceIdOf } from './log-collector.js';
import type { InstanceUsage } from './resource-sampler.js';

interface PageParts {
  readonly aws: Pick<AwsServices, 'invocations' | 'printed'>;
  readonly records: Pick<Records, 'endpoints'>;
  readonly routes: RouteTable;
  readonly counts: EventCounts;
  /** What was last seen of each instance, at most a minute ago. */
  readonly usage: readonly InstanceUsage[];
}

/** What is known of endpoints and of the daemon itself, in Prometheus' words. */
export function metricsPage(parts: PageParts): string {
  const { aws, counts } = parts;
  return exposition([
    ...aws.invocations.totals.families(),
    ...endpointFamilies(parts),
    ...counts.families(),
    ...usageFamilies(parts.usage),
    ...aws.printed.families(),
    ...processFamilies(),
  ]);
}

function endpointFamilies({ records, routes }: PageParts): Family[] {
  const endpoints = records.endpoints.values();
  const variants = endpoints.flatMap(({ EndpointName: endpoint }) =>
    (routes.get(endpoint)?.variants ?? []).map(({ variantName: variant, backends }) => ({
      labels: { endpoint, variant },
      backends,
    })),
  );
  return [
    gauge(
      'smlocal_endpoint_status',
      '1 for the status that each endpoint has.',
      endpoints.map(({ EndpointName: endpoint, EndpointStatus: status }) => ({
        labels: { endpoint, status },
        value: 1,
      })),
    ),
    gauge(
      'smlocal_instances',
      'Containers that take traffic.',
      variants.map(({ labels, backends }) => ({ labels, value: backends.length })),
    ),
    gauge(
      'smlocal_invocations_in_flight',
      'Invocations that containers are answering.',
      variants.map(({ labels, backends }) => ({
        labels,
        value: backends.reduce((sum, { outstanding }) => sum + outstanding, 0),
      })),
    ),
  ];
}

function usageFamilies(seen: readonly InstanceUsage[]): Family[] {
  const samples = (read: (one: InstanceUsage['usage']) => number) =>
    seen.map(({ endpointName: endpoint, variantName: variant, containerId, usage }) => ({
      labels: { endpoint, variant, instance: instanceIdOf(containerId) },
      value: read(usage),
    }));
  return [
    {
      name: 'smlocal_container_cpu_seconds_total',
      help: 'Processor time of a container, as it was measured within the last minute.',
      type: 'counter',
      samples: samples(({ cpuSeconds }) => cpuSeconds),
    },
    gauge(
      'smlocal_container_memory_bytes',
      'Memory of a container, as it was measured within the last minute.',
      samples(({ memoryBytes }) => memoryBytes),
    ),
  ];
}

/** The daemon itself, by the names that Prometheus' own clients have for it. */
function processFamilies(): Family[] {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  const files = openFiles();
  const one = (value: number): Sample[] => [{ labels: {}, value }];
  return [
    gauge('smlocal_build_info', 'The version of smlocal.', [
      { labels: { version: VERSION, node: process.version }, value: 1 },
    ]),
    {
      name: 'process_cpu_seconds_total',
      help: 'Processor time of the daemon.',
      type: 'counter',
      samples: one((user + system) / 1e6),
    },
    gauge('process_resident_memory_bytes', 'Resident memory of the daemon.', one(rss)),
    gauge('nodejs_heap_size_used_bytes', 'Used heap of the daemon.', one(heapUsed)),
    gauge(
      'process_start_time_seconds',
      'When the daemon began, since the epoch.',
      one(performance.timeOrigin / 1000),
    ),
    gauge('process_open_fds', 'Open files of the daemon.', files === undefined ? [] : one(files)),
  ];
}

/** On Linux; elsewhere nothing tells. */
function openFiles(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return undefined;
  }
}

function gauge(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, help, type: 'gauge', samples };
}
