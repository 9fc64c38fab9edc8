import type { Backend } from './backend.js';
import type { VariantRoute } from './route-table.js';

/**
 * The variant that takes a request: each with the probability weight / sum of weights. Where all weights are zero none
 * can take it.
 *
 * @param random a number in [0, 1)
 */
export function chooseVariant(
  variants: readonly VariantRoute[],
  random: number,
): VariantRoute | undefined {
  const total = variants.reduce((sum, { weight }) => sum + weight, 0);
  let left = random * total;
  let last: VariantRoute | undefined;
  for (const variant of variants) {
    if (variant.weight <= 0) continue;
    left -= variant.weight;
    if (left < 0) return variant;
    last = variant;
  }
  return last; // Fractions do not add up exactly: a little may be left over at the end.
}

/** The instance of a variant that takes a request, by the variant's `RoutingStrategy`; `RANDOM` is SageMaker's default. */
export function chooseBackend(variant: VariantRoute, random: number): Backend | undefined {
  const { backends } = variant;
  if (variant.routingStrategy === 'LEAST_OUTSTANDING_REQUESTS') {
    return backends.reduce<Backend | undefined>(
      (least, backend) => (least && least.outstanding <= backend.outstanding ? least : backend),
      undefined,
    );
  }
  return backends[Math.floor(random * backends.length)];
}
