import type { RoutingStrategy } from '@aws-sdk/client-sagemaker';
import type { Backend } from './backend.js';
import type { VariantCapture } from './capture/variant-capture.js';

export interface VariantRoute {
  readonly variantName: string;
  /** Share of the traffic is weight / sum of weights. */
  readonly weight: number;
  readonly routingStrategy: RoutingStrategy;
  readonly backends: readonly Backend[];
  /** Whether its containers have several models, one of which each invocation has to name. */
  readonly isMultiModel?: boolean;
  /** How many invocations a serverless variant answers at a time; no limit for instances. */
  readonly maxConcurrency?: number;
  /** False while its handler is debugged: a breakpoint may hold a call for any time. */
  readonly timesOut: boolean;
  /** What captures its requests, where they are. */
  readonly capture?: VariantCapture | undefined;
}

/** Where an endpoint's invocations go. Replaced whole, never changed: a request sees one deployment. */
export interface Route {
  readonly endpointName: string;
  readonly deploymentId: string;
  readonly variants: readonly VariantRoute[];
}

export class RouteTable {
  readonly #routes = new Map<string, Route>();
  readonly #holds = new Map<string, Promise<void>>();
  readonly #untilRouted = new Map<string, () => void>();

  get(endpointName: string): Route | undefined {
    return this.#routes.get(endpointName);
  }

  set(route: Route): void {
    this.#routes.set(route.endpointName, route);
    this.#untilRouted.get(route.endpointName)?.();
    this.#untilRouted.delete(route.endpointName);
  }

  delete(endpointName: string): void {
    this.#routes.delete(endpointName);
  }

  /**
   * Keeps new invocations of an endpoint waiting, for the moment in which its containers cannot answer.
   * @returns lets them go on
   */
  hold(endpointName: string): () => void {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    this.#holds.set(endpointName, held);
    return () => {
      if (this.#holds.get(endpointName) === held) this.#holds.delete(endpointName);
      release();
    };
  }

  /** As {@link hold}, for an endpoint that serves as soon as its running containers have been found again. */
  holdUntilRouted(endpointName: string): () => void {
    const release = this.hold(endpointName);
    this.#untilRouted.set(endpointName, release);
    return release;
  }

  /** What an invocation has to wait for before it looks for its route; undefined where it need not. */
  held(endpointName: string): Promise<void> | undefined {
    return this.#holds.get(endpointName);
  }
}

/** Every backend of a route. */
export function backendsOf(route: Route | undefined): Backend[] {
  return route?.variants.flatMap((variant) => [...variant.backends]) ?? [];
}

/** The route without one of its backends, for a container that has died. */
export function withoutBackend(route: Route, containerId: string): Route {
  return {
    ...route,
    variants: route.variants.map((variant) => ({
      ...variant,
      backends: variant.backends.filter((backend) => backend.containerId !== containerId),
    })),
  };
}
