import { stateFolderFor } from '../daemon/state-folder.js';
import { ExitCode, SmlocalError } from '../errors.js';
import { describeReport } from '../reload/report.js';
import { DaemonClient } from './daemon-client.js';

export interface ReloadOptions {
  readonly config?: string;
  readonly stateDir?: string;
}

/** `smlocal reload`: has one endpoint, or every one, take up what is on disk now. */
export async function reload(
  endpointName: string | undefined,
  options: ReloadOptions,
): Promise<ExitCode> {
  const client = DaemonClient.get(stateFolderFor(options, process.env));
  const { endpoints } = await client.status();
  const names = endpoints.map(({ EndpointName }) => EndpointName);
  if (endpointName !== undefined && !names.includes(endpointName)) {
    throw new SmlocalError(`There is no endpoint ${endpointName}.`, {
      hint: 'Type "smlocal status" to see what there is.',
    });
  }
  const wanted = endpointName === undefined ? names : [endpointName];
  const reports = await Promise.all(wanted.map((name) => client.reload(name)));
  for (const report of reports) {
    process.stdout.write(`${report.endpointName}: ${describeReport(report)}\n`);
  }
  const failed = reports.some(({ failure }) => failure !== undefined);
  return failed ? ExitCode.endpointFailed : ExitCode.ok;
}
