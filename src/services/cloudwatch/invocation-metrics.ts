import { InvocationTotals, type VariantTotals } from '../prometheus/invocation-totals.js';
import type { MetricStore, Series } from './metric-store.js';
import { variantDimensions } from './resource-metrics.js';

/** How one invocation went. */
export interface InvocationSample {
  readonly endpointName: string;
  readonly variantName: string;
  /** How many instances the variant had. */
  readonly instances: number;
  /** Of the container's answer; 0 where there was none. */
  readonly statusCode: number;
  /** How long the container took; undefined where it was not asked. */
  readonly modelMs: number | undefined;
  readonly totalMs: number;
}

const NAMESPACE = 'AWS/SageMaker';

/** Units as in the developer guide's list of endpoint invocation metrics. */
const UNITS = {
  Invocations: 'None',
  InvocationsPerInstance: 'None',
  Invocation4XXErrors: 'None',
  Invocation5XXErrors: 'None',
  InvocationModelErrors: 'None',
  ModelLatency: 'Microseconds',
  OverheadLatency: 'Microseconds',
} as const;

type MetricName = keyof typeof UNITS;

const NAMES = Object.keys(UNITS) as MetricName[];

type VariantSeries = Readonly<Record<MetricName, Series>>;

interface Known {
  readonly series: VariantSeries;
  readonly totals: VariantTotals;
}

/** Variants come and go with their endpoints. */
const MOST_KNOWN = 1000;

/**
 * Writes the metrics of invocations as the developer guide defines them: errors are 0 or 1 for every request, so that their
 * average is a rate; each request counts 1 / instances in InvocationsPerInstance; latencies are microseconds.
 */
export class InvocationMetrics {
  readonly #store: MetricStore;
  readonly #known = new Map<string, Known>();
  /** The same, for Prometheus. */
  readonly totals = new InvocationTotals();

  constructor(store: MetricStore) {
    this.#store = store;
  }

  record(sample: InvocationSample, now = Date.now()): void {
    const { statusCode, modelMs, totalMs } = sample;
    const { series, totals } = this.#of(sample);
    const overheadMs = Math.max(0, totalMs - (modelMs ?? 0));
    totals.add(statusCode, modelMs === undefined ? undefined : modelMs / 1000, overheadMs / 1000);
    const add = (name: MetricName, value: number) => series[name].at(now).add(value);
    add('Invocations', 1);
    add('InvocationsPerInstance', 1 / Math.max(1, sample.instances));
    add('Invocation4XXErrors', statusCode >= 400 && statusCode < 500 ? 1 : 0);
    add('Invocation5XXErrors', statusCode >= 500 ? 1 : 0);
    add('InvocationModelErrors', statusCode >= 200 && statusCode < 300 ? 0 : 1);
    if (modelMs !== undefined) add('ModelLatency', Math.round(modelMs * 1000));
    add('OverheadLatency', Math.round(overheadMs * 1000));
  }

  /** How long it took to bring up a serverless variant's container: its image, its model and its start. */
  recordSetup(endpointName: string, variantName: string, milliseconds: number): void {
    const Dimensions = variantDimensions(endpointName, variantName);
    const metric = { Namespace: NAMESPACE, MetricName: 'ModelSetupTime', Dimensions };
    const series = this.#store.series(metric, 'Microseconds');
    series.at(Date.now()).add(Math.round(milliseconds * 1000));
  }

  /** Begins anew with an endpoint that is gone; what CloudWatch has stays, as on AWS. */
  forget(endpointName: string): void {
    this.totals.forget(endpointName);
    // Their totals are the ones that have gone; they are few, and made again when they are needed.
    this.#known.clear();
  }

  /** Looked up once, for every invocation passes here. */
  #of({ endpointName, variantName }: InvocationSample): Known {
    const key = `${endpointName}/${variantName}`;
    const known = this.#known.get(key);
    if (known !== undefined && !NAMES.some((name) => known.series[name].dropped)) return known;
    if (this.#known.size >= MOST_KNOWN) this.#known.clear();
    const Dimensions = variantDimensions(endpointName, variantName);
    const series = Object.fromEntries(
      NAMES.map((MetricName) => [
        MetricName,
        this.#store.series({ Namespace: NAMESPACE, MetricName, Dimensions }, UNITS[MetricName]),
      ]),
    ) as unknown as VariantSeries;
    const made = { series, totals: this.totals.of(endpointName, variantName) };
    this.#known.set(key, made);
    return made;
  }
}
