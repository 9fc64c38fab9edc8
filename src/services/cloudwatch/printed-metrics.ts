import type { Family } from '../prometheus/exposition.js';
import type { MetricStore, Series } from './metric-store.js';
import { variantDimensions } from './resource-metrics.js';
import { metricOfLine, type PrintedMetric } from './torchserve-lines.js';

/** Of our own choice: on AWS such lines stay in the log, unless somebody makes a metric filter for them. */
const NAMESPACE = 'smlocal/ModelServer';

/** Of one endpoint; TorchServe has some twenty, and three more a worker. What a handler makes up beyond them is only counted. */
const MOST_SERIES = 200;

/** One metric of one variant. */
interface Printed {
  readonly labels: Readonly<Record<string, string>>;
  series: Series;
  last: number;
  sum: number;
  count: number;
}

interface OfEndpoint {
  readonly known: Map<string, Printed>;
  /** Values of those that were one too many. */
  left: number;
}

/** Reads the metrics that model servers print into their logs. */
export class PrintedMetrics {
  readonly #store: MetricStore;
  readonly #endpoints = new Map<string, OfEndpoint>();

  constructor(store: MetricStore) {
    this.#store = store;
  }

  /** Takes in a line of a container's output, which may be anything. */
  read(endpointName: string, variantName: string, text: string, timestamp: number): void {
    const metric = metricOfLine(text);
    if (metric === undefined) return;
    const own = this.#endpoints.get(endpointName) ?? { known: new Map(), left: 0 };
    this.#endpoints.set(endpointName, own);
    const { name, unit, dimensions, value } = metric;
    const key = JSON.stringify([variantName, name, unit, dimensions]);
    const known = own.known.get(key);
    if (known === undefined && own.known.size >= MOST_SERIES) {
      own.left += 1;
      return;
    }
    const printed = known ?? this.#begin(endpointName, variantName, metric);
    own.known.set(key, printed);
    if (printed.series.dropped) printed.series = this.#seriesOf(endpointName, variantName, metric);
    printed.series.at(timestamp).add(value);
    printed.last = value;
    printed.sum += value;
    printed.count += 1;
  }

  /** Lets go of an endpoint; what CloudWatch has stays. */
  forget(endpointName: string): void {
    this.#endpoints.delete(endpointName);
  }

  families(): Family[] {
    const all = [...this.#endpoints.values()].flatMap(({ known }) => [...known.values()]);
    return [
      {
        name: 'smlocal_model_server_metric',
        help: 'The newest value of each metric that a container has printed.',
        type: 'gauge',
        samples: all.map(({ labels, last }) => ({ labels, value: last })),
      },
      {
        name: 'smlocal_model_server_metric_values',
        help: 'All values of each metric that a container has printed.',
        type: 'summary',
        samples: all.flatMap(({ labels, sum, count }) => [
          { suffix: '_sum', labels, value: sum },
          { suffix: '_count', labels, value: count },
        ]),
      },
      {
        name: 'smlocal_model_server_metrics_left_out_total',
        help: `Values of metrics beyond the first ${MOST_SERIES} that an endpoint's containers have printed.`,
        type: 'counter',
        samples: [...this.#endpoints].map(([endpoint, { left }]) => ({
          labels: { endpoint },
          value: left,
        })),
      },
    ];
  }

  #begin(endpoint: string, variant: string, metric: PrintedMetric): Printed {
    const { name, unit, dimensions } = metric;
    const labels = { endpoint, variant, metric: name, unit, ...Object.fromEntries(dimensions) };
    const series = this.#seriesOf(endpoint, variant, metric);
    return { labels, series, last: 0, sum: 0, count: 0 };
  }

  #seriesOf(endpointName: string, variantName: string, metric: PrintedMetric): Series {
    const own = metric.dimensions.map(([Name, Value]) => ({ Name, Value }));
    const Dimensions = [...variantDimensions(endpointName, variantName), ...own];
    return this.#store.series(
      { Namespace: NAMESPACE, MetricName: metric.name, Dimensions },
      metric.unit,
    );
  }
}
