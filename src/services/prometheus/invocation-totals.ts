import type { Family } from './exposition.js';
import { Histogram } from './histogram.js';

/** Of one variant, since the daemon began. */
export class VariantTotals {
  readonly #statuses = new Map<number, number>();
  readonly model = new Histogram();
  readonly overhead = new Histogram();

  /** @param modelSeconds undefined where the container was not asked */
  add(statusCode: number, modelSeconds: number | undefined, overheadSeconds: number): void {
    this.#statuses.set(statusCode, (this.#statuses.get(statusCode) ?? 0) + 1);
    if (modelSeconds !== undefined) this.model.observe(modelSeconds);
    this.overhead.observe(overheadSeconds);
  }

  get statuses(): ReadonlyMap<number, number> {
    return this.#statuses;
  }
}

/** How often each variant was invoked, and how long that took: counted as it happens, put into words when it is asked for. */
export class InvocationTotals {
  readonly #endpoints = new Map<string, Map<string, VariantTotals>>();

  of(endpointName: string, variantName: string): VariantTotals {
    const variants = this.#endpoints.get(endpointName) ?? new Map<string, VariantTotals>();
    this.#endpoints.set(endpointName, variants);
    const totals = variants.get(variantName) ?? new VariantTotals();
    variants.set(variantName, totals);
    return totals;
  }

  forget(endpointName: string): void {
    this.#endpoints.delete(endpointName);
  }

  families(): Family[] {
    const all = [...this.#endpoints].flatMap(([endpoint, variants]) =>
      [...variants].map(([variant, totals]) => ({ labels: { endpoint, variant }, totals })),
    );
    return [
      {
        name: 'smlocal_invocations_total',
        help: "Invocations by the status of the container's answer; none where it gave no answer.",
        type: 'counter',
        samples: all.flatMap(({ labels, totals }) =>
          [...totals.statuses].map(([status, value]) => ({
            labels: { ...labels, status: status === 0 ? 'none' : String(status) },
            value,
          })),
        ),
      },
      {
        name: 'smlocal_model_latency_seconds',
        help: 'From when the container is asked to its last byte.',
        type: 'histogram',
        samples: all.flatMap(({ labels, totals }) => totals.model.samples(labels)),
      },
      {
        name: 'smlocal_overhead_latency_seconds',
        help: 'What smlocal itself adds to an invocation.',
        type: 'histogram',
        samples: all.flatMap(({ labels, totals }) => totals.overhead.samples(labels)),
      },
    ];
  }
}
