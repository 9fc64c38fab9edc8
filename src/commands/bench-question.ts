import { type CostEstimate, type Demand, estimateCost, type Hosted } from '../bench/cost.js';
import { totalOf } from '../bench/load.js';
import type { BenchSettings } from './bench-settings.js';
import { bytes, threeDigits, whole } from './bench-units.js';

/** All that the settings ask for, the warm-up included, of one endpoint or both. */
export function demandOf(
  { levels, load, warmUp, other }: BenchSettings,
  meanBytes: number,
): Demand {
  const parties = other !== undefined && 'endpointName' in other ? 2 : 1;
  const counts = levels.map((concurrency) => totalOf({ ...load, concurrency }));
  const warmUpRequests = warmUp === undefined ? 0 : warmUp.requests;
  const all = [...counts, warmUpRequests];
  const known = all.every((count) => count !== undefined);
  const seconds = [
    ...levels.map(() => load.durationMs),
    warmUp === undefined ? 0 : warmUp.durationMs,
  ];
  const isTimed = seconds.every((one) => one !== undefined);
  return {
    requests: known
      ? parties * all.reduce((sum: number, count) => sum + (count ?? 0), 0)
      : undefined,
    seconds: isTimed
      ? (parties * seconds.reduce((sum: number, one) => sum + (one ?? 0), 0)) / 1000
      : undefined,
    concurrency: Math.max(...levels),
    meanBytes,
  };
}

/**
 * What is known of the cost before AWS is asked, and what is not.
 * @param hosted undefined where these credentials may not look
 */
export function describeCost(
  demand: Demand,
  hosted: readonly Hosted[] | undefined,
  prices: BenchSettings['prices'],
): string {
  const cost = estimateCost(demand, hosted ?? [], prices);
  const lines = [
    demand.requests === undefined
      ? `requests: as many as are answered${demand.seconds === undefined ? '' : ` in ${threeDigits(demand.seconds)} s`}, ${demand.concurrency} at once, ${bytes(demand.meanBytes)} each`
      : `requests: ${whole(demand.requests)}, ${bytes(cost.bytesIn ?? 0)} sent in all`,
    'data: AWS charges what is sent and answered by the GB, and your network may too',
    ...(hosted === undefined
      ? ['hosting: unknown, for these credentials may not describe the endpoint']
      : hostingLines(hosted, cost)),
    priceLine(cost, hosted, prices),
  ];
  return lines.map((line) => `  ${line}`).join('\n');
}

function hostingLines(hosted: readonly Hosted[], cost: CostEstimate): string[] {
  return hosted.map(({ variantName, instanceType, instanceCount, serverlessMemoryMb }) => {
    if (serverlessMemoryMb !== undefined) {
      const most =
        cost.gbSeconds === undefined
          ? ''
          : `: at most ${threeDigits(cost.gbSeconds)} GB-seconds in all`;
      return `${variantName}: serverless, ${serverlessMemoryMb} MB${most}`;
    }
    const type = instanceType ?? 'instance of unknown type';
    const hours =
      cost.instanceHours === undefined
        ? ''
        : `; ${threeDigits(cost.instanceHours)} instance hours of all variants meanwhile`;
    return `${variantName}: ${instanceCount ?? 0} × ${type}, paid for whether they are asked or not${hours}. Where it scales by itself, load may add more`;
  });
}

function priceLine(
  { price }: CostEstimate,
  hosted: readonly Hosted[] | undefined,
  { perInstanceHour, perGbSecond }: BenchSettings['prices'],
): string {
  if (hosted !== undefined && price !== undefined) {
    return `cost of hosting, by the prices that were given: at most ${threeDigits(price)}`;
  }
  const missing = (hosted ?? []).some(({ serverlessMemoryMb }) => serverlessMemoryMb !== undefined)
    ? perGbSecond === undefined && '--price-per-gb-second'
    : perInstanceHour === undefined && '--price-per-hour';
  return missing
    ? `cost: unknown, for prices differ by region and change; give ${missing} to have an estimate`
    : 'cost: unknown, for nobody knows how long so many requests take';
}
