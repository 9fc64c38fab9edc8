import type { EndpointRecord } from '../hosting/records.js';
import { backendsOf, type RouteTable } from '../hosting/route-table.js';
import { describeReport, type ReloadReport } from '../reload/report.js';

/** What `smlocal status --json` prints. */
export interface DaemonStatus {
  readonly pid: number;
  readonly url: string;
  readonly version: string;
  readonly stateDir: string;
  readonly config: string | null;
  /** The container engine in a line, or why none answers. */
  readonly engine: { readonly answers: boolean; readonly description: string };
  /** True until config.yml has been applied. */
  readonly starting: boolean;
  /** What of config.yml could not be applied, a line each. */
  readonly configFaults: readonly string[];
  /** State files that were set aside because they were damaged. */
  readonly damagedFiles: readonly string[];
  /** Operations that AWS has and smlocal has not, and how often each was asked for since it started. */
  readonly unservedOperations: Readonly<Record<string, number>>;
  readonly endpoints: readonly EndpointStatusLine[];
}

export interface EndpointStatusLine {
  readonly EndpointName: string;
  readonly EndpointStatus: string;
  readonly EndpointConfigName: string | null;
  readonly FailureReason: string | null;
  /** What is being done for it, while it is not settled. */
  readonly activity: string | null;
  /** How the last reload went. */
  readonly reload: string | null;
  /** How much of what was to be captured is lost, and why. */
  readonly captureLoss: string | null;
  readonly containers: readonly { readonly id: string; readonly inFlight: number }[];
}

interface LineParts {
  readonly routes: RouteTable;
  readonly activity: { of(endpointName: string): string | undefined };
  readonly reloads: { last(endpointName: string): ReloadReport | undefined };
  readonly captures: { lossOf(endpointName: string): string | undefined };
  /** Takes known secrets out, of a traceback say. */
  readonly mask: (text: string) => string;
}

export function endpointLine(
  record: EndpointRecord,
  { routes, activity, reloads, captures, mask }: LineParts,
): EndpointStatusLine {
  const reload = reloads.last(record.EndpointName);
  return {
    EndpointName: record.EndpointName,
    EndpointStatus: record.EndpointStatus,
    EndpointConfigName: (record.deployment ?? record.pending)?.EndpointConfigName ?? null,
    FailureReason: record.FailureReason ?? null,
    activity: activity.of(record.EndpointName) ?? null,
    reload: reload === undefined ? null : mask(describeReport(reload)),
    captureLoss: captures.lossOf(record.EndpointName) ?? null,
    containers: backendsOf(routes.get(record.EndpointName)).map(({ containerId, outstanding }) => ({
      id: containerId.slice(0, 12),
      inFlight: outstanding,
    })),
  };
}

/** What to say of a state file that was set aside. */
export function damageLine(path: string): string {
  return `A damaged state file was set aside, and what it held is gone: ${path}. Mend it, take ".damaged-…" off its name and start again, or delete it.`;
}
