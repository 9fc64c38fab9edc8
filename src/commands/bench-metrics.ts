import { setTimeout as delay } from 'node:timers/promises';
import { openMetrics } from '../aws/metrics.js';
import type { AwsSettings } from '../aws/settings.js';
import type { Hosted } from '../bench/cost.js';
import type { Address } from '../bench/look-up.js';
import { readVariantMetrics, windowOf } from '../bench/model-latency.js';
import { type BenchReport, nameOf } from '../bench/report.js';
import type { Session } from '../bench/session.js';
import { ServiceError, SmlocalError } from '../errors.js';

/** Whose endpoints are measured. */
export interface BenchPlace {
  readonly environment: string;
  readonly isLocal: boolean;
  readonly aws: AwsSettings;
  /** The project's folder. */
  readonly directory: string;
}

type Service = BenchReport['service'];

/** AWS's metrics come a minute or two after the invocations; what is missing then is not waited for. */
const WAIT = { forMs: 180_000, everyMs: 15_000 };

/** An interrupted run still asks, but not for long. */
const AFTER_INTERRUPTION_MS = 10_000;

/**
 * What the service itself has measured of the endpoints meanwhile. It is worth a note and no failure where it cannot be had.
 * @param hosted the variants of each; undefined where they are not known
 */
export async function serviceReports(
  place: BenchPlace,
  addresses: readonly Address[],
  hosted: readonly (readonly Hosted[])[] | undefined,
  session: Session,
  signal: AbortSignal,
  onState: (text: string) => void,
): Promise<{ reports: Service; note: string | undefined }> {
  if (hosted === undefined) {
    return {
      reports: [],
      note: 'ModelLatency is not known: these credentials may not describe the endpoint.',
    };
  }
  const window = windowOf(session.startedAt, session.endedAt);
  const deadline = performance.now() + WAIT.forMs;
  const metrics = await openMetrics(place.aws);
  const read = async (until: AbortSignal): Promise<Service> => {
    const all: BenchReport['service'][number][] = [];
    for (const [index, { endpointName, variantName }] of addresses.entries()) {
      const names = (hosted[index] ?? []).map((one) => one.variantName);
      const variants = await readVariantMetrics(metrics, endpointName, names, window, until);
      all.push({ endpointName, ...(variantName !== undefined && { variantName }), variants });
    }
    return all;
  };
  try {
    for (;;) {
      const asked = signal.aborted ? AbortSignal.timeout(AFTER_INTERRUPTION_MS) : signal;
      const reports = await read(asked);
      const isLate = place.isLocal || signal.aborted || performance.now() > deadline;
      if (isLate || isComplete(reports, session))
        return { reports, note: noteOn(reports, session) };
      onState('waiting for CloudWatch to have ModelLatency (Ctrl-C goes on without)');
      await delay(WAIT.everyMs, undefined, { signal }).catch(() => undefined);
    }
  } catch (error) {
    return { reports: [], note: `ModelLatency is not known: ${reasonOf(error)}` };
  } finally {
    metrics.dispose();
  }
}

/** Whether all that was answered has been counted. */
function isComplete(reports: Service, { runs }: Session): boolean {
  const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
  const seen = sum(
    reports.flatMap(({ variants }) => variants.map(({ invocations }) => invocations)),
  );
  return seen >= sum(runs.map(({ answered }) => answered));
}

function noteOn(reports: Service, session: Session): string | undefined {
  if (isComplete(reports, session)) return undefined;
  return `CloudWatch had not counted all invocations yet: ${reports.map(nameOf).join(', ')}.`;
}

function reasonOf(error: unknown): string {
  if (error instanceof ServiceError) return `${error.code}: ${error.message}`;
  if (error instanceof SmlocalError) return error.message;
  if ((error as Error).name === 'AbortError' || (error as Error).name === 'TimeoutError') {
    return 'it was not waited for';
  }
  throw error;
}
