import { stateFolderFor } from '../daemon/state-folder.js';
import { type DaemonStatus, damageLine } from '../daemon/status.js';
import { ExitCode } from '../errors.js';
import { DaemonClient } from './daemon-client.js';

export interface StatusOptions {
  readonly config?: string;
  readonly stateDir?: string;
  readonly json?: boolean;
}

/** `smlocal status`: what runs, and what each endpoint is doing. */
export async function status(options: StatusOptions): Promise<ExitCode> {
  const client = DaemonClient.get(stateFolderFor(options, process.env));
  const found = await client.status();
  process.stdout.write(options.json ? `${JSON.stringify(found, null, 2)}\n` : renderStatus(found));
  return ExitCode.ok;
}

/** A status as a person reads it. */
export function renderStatus(status: DaemonStatus): string {
  const head = [
    `smlocal ${status.version} at ${status.url} (process ${status.pid})`,
    `state   ${status.stateDir}`,
    `config  ${status.config ?? 'none'}`,
    `engine  ${status.engine.description}`,
  ];
  const width = Math.max(0, ...status.endpoints.map(({ EndpointName }) => EndpointName.length));
  const rows = status.endpoints.flatMap((endpoint) => {
    const containers = endpoint.containers.map(({ id }) => id).join(' ');
    const row = `${endpoint.EndpointName.padEnd(width)}  ${endpoint.EndpointStatus.padEnd(10)}  ${containers}`;
    const reason = endpoint.FailureReason === null ? [] : [`  ${endpoint.FailureReason}`];
    const doing = endpoint.activity === null ? [] : [`  ${endpoint.activity}`];
    const told =
      endpoint.FailureReason === null ? endpoint.reload : endpoint.reload?.split('\n', 1)[0];
    const reload = told ? [`  ${told}`] : [];
    return [row.trimEnd(), ...doing, ...reload, ...reason];
  });
  const lines = [...rows, ...status.configFaults, ...status.damagedFiles.map(damageLine)];
  const unserved = Object.entries(status.unservedOperations).map(
    ([name, count]) => `  ${name} (${count})`,
  );
  const asked = unserved.length > 0 ? ['', 'Asked for, and not served here:', ...unserved] : [];
  const endpoints =
    lines.length > 0
      ? lines
      : ['No endpoint yet. Create one with an AWS SDK, or describe one in config.yml.'];
  return `${[...head, '', ...endpoints, ...asked].join('\n')}\n`;
}
