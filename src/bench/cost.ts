/** What serves a variant, as its endpoint config has it. */
export interface Hosted {
  readonly variantName: string;
  readonly instanceType?: string;
  readonly instanceCount?: number;
  readonly serverlessMemoryMb?: number;
  readonly serverlessMostAtOnce?: number;
}

/** What is about to be asked, the warm-up included. */
export interface Demand {
  /** Undefined where as many are asked as are answered. */
  readonly requests: number | undefined;
  /** Undefined where only the number of requests ends it. */
  readonly seconds: number | undefined;
  readonly concurrency: number;
  readonly meanBytes: number;
}

/** In whatever currency the user thinks in; AWS's differ by region and change, so none are kept here. */
export interface Prices {
  readonly perInstanceHour?: number;
  readonly perGbSecond?: number;
}

/** What is known of what it will cost. Undefined is what nobody can know beforehand. */
export interface CostEstimate {
  readonly requests: number | undefined;
  readonly bytesIn: number | undefined;
  /** Of the instances that run while it lasts; they are paid for whether they are asked or not. */
  readonly instanceHours: number | undefined;
  /** At most: as though every slot worked all the time. */
  readonly gbSeconds: number | undefined;
  /** Of both, by the prices that were given; undefined where one is missing. */
  readonly price: number | undefined;
}

const MB_A_GB = 1024;

/** What asking so much of what serves so costs, as far as that can be known. */
export function estimateCost(
  demand: Demand,
  hosted: readonly Hosted[],
  prices: Prices,
): CostEstimate {
  const { requests, seconds, meanBytes, concurrency } = demand;
  const instances = hosted.reduce((sum, { instanceCount = 0 }) => sum + instanceCount, 0);
  const serverless = hosted.filter(({ serverlessMemoryMb }) => serverlessMemoryMb !== undefined);
  const instanceHours =
    instances === 0 ? 0 : seconds === undefined ? undefined : (instances * seconds) / 3600;
  const gbSeconds = serverless.length === 0 ? 0 : mostGbSeconds(serverless, seconds, concurrency);
  return {
    requests,
    bytesIn: requests === undefined ? undefined : requests * meanBytes,
    instanceHours,
    gbSeconds,
    price: added(
      charge(instanceHours, prices.perInstanceHour),
      charge(gbSeconds, prices.perGbSecond),
    ),
  };
}

/** What a thousand answers cost where instances are paid by the hour; undefined where that is not known. */
export function pricePerThousand(
  throughput: number,
  hosted: readonly Hosted[],
  { perInstanceHour }: Prices,
): number | undefined {
  const instances = hosted.reduce((sum, { instanceCount = 0 }) => sum + instanceCount, 0);
  if (perInstanceHour === undefined || instances === 0 || throughput <= 0) return undefined;
  return (1000 / throughput / 3600) * instances * perInstanceHour;
}

function mostGbSeconds(
  hosted: readonly Hosted[],
  seconds: number | undefined,
  concurrency: number,
): number | undefined {
  if (seconds === undefined) return undefined;
  const dearest = hosted.map(
    ({ serverlessMemoryMb = 0, serverlessMostAtOnce = concurrency }) =>
      (serverlessMemoryMb / MB_A_GB) * Math.min(concurrency, serverlessMostAtOnce),
  );
  return Math.max(...dearest) * seconds;
}

function charge(amount: number | undefined, price: number | undefined): number | undefined {
  if (amount === 0) return 0;
  return amount === undefined || price === undefined ? undefined : amount * price;
}

function added(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a + b;
}
