import { stateFolderFor } from '../daemon/state-folder.js';
import { ExitCode, SmlocalError } from '../errors.js';
import { DaemonClient } from './daemon-client.js';

export interface LogsOptions {
  readonly config?: string;
  readonly stateDir?: string;
  readonly follow?: boolean;
  readonly tail?: number;
}

/** `smlocal logs`: what the containers print, to standard output and standard error as they did. */
export async function logs(
  endpointName: string | undefined,
  options: LogsOptions,
): Promise<ExitCode> {
  const client = DaemonClient.get(stateFolderFor(options, process.env));
  const { endpoints } = await client.status();
  if (
    endpointName !== undefined &&
    !endpoints.some(({ EndpointName }) => EndpointName === endpointName)
  ) {
    throw new SmlocalError(`There is no endpoint ${endpointName}.`, {
      hint: 'Type "smlocal status" to see what there is.',
    });
  }
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort());
  const query = { endpoint: endpointName, tail: options.tail, follow: options.follow ?? false };
  const several = endpointName === undefined && endpoints.length > 1;
  try {
    for await (const line of client.logs({ ...query, signal: interrupted.signal })) {
      const prefix = several ? `${line.endpointName}/${line.source} | ` : '';
      process[line.stream].write(`${prefix}${line.text}\n`);
    }
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
  }
  return ExitCode.ok;
}
