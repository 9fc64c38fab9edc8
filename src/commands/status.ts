import { createDockerEngine } from '../containers/docker.js';
import { type ContainerLeft, type LeftBehind, leftBehind } from '../daemon/left-behind.js';
import { type StateFolder, stateFolderFor } from '../daemon/state-folder.js';
import { type DaemonStatus, damageLine } from '../daemon/status.js';
import { ExitCode } from '../errors.js';
import { createLogger } from '../log.js';
import { DaemonClient } from './daemon-client.js';

export interface StatusOptions {
  readonly config?: string;
  readonly stateDir?: string;
  readonly json?: boolean;
}

/** `smlocal status`: what runs, and what each endpoint is doing. */
export async function status(options: StatusOptions): Promise<ExitCode> {
  const folder = stateFolderFor(options, process.env);
  const client = DaemonClient.find(folder);
  if (client === undefined) return statusWithout(folder, options);
  const found = await client.status();
  process.stdout.write(options.json ? `${JSON.stringify(found, null, 2)}\n` : renderStatus(found));
  return ExitCode.ok;
}

/** Where no daemon runs: what the last one has left. @throws SmlocalError (exit code `notRunning`) where that is nothing */
async function statusWithout(folder: StateFolder, { json }: StatusOptions): Promise<ExitCode> {
  const left = await leftBehind(folder, createDockerEngine({ log: createLogger() }));
  if (left.endpoints.length + left.others.length === 0) DaemonClient.get(folder);
  process.stdout.write(json ? `${JSON.stringify(left, null, 2)}\n` : renderLeft(left));
  return ExitCode.notRunning;
}

/** What is left of a daemon as a person reads it, and what to type next. */
function renderLeft(left: LeftBehind): string {
  const ended = left.crashed ? 'It ended without being stopped' : 'It was stopped';
  const width = Math.max(0, ...left.endpoints.map(({ EndpointName }) => EndpointName.length));
  const rows = left.endpoints.map(({ EndpointName, EndpointStatus, containers }) =>
    `${EndpointName.padEnd(width)}  was ${EndpointStatus}${containersLine(containers)}`.trimEnd(),
  );
  const others = left.others.length === 0 ? [] : [`of no endpoint:${containersLine(left.others)}`];
  const unknown = left.engineAnswers
    ? []
    : ['', 'No container engine answers, so nobody can say which containers are left.'];
  const has = left.endpoints.some(({ containers }) => containers.length > 0) || others.length > 0;
  return `${[
    `smlocal is not running. ${ended}, and this is left of it:`,
    `state   ${left.stateDir}`,
    '',
    ...rows,
    ...others,
    ...unknown,
    '',
    'Type "smlocal up" to go on with it;',
    ...(has ? ['     "smlocal down" to remove the containers;'] : []),
    '     "smlocal down --purge" to remove everything, the objects of its S3 included.',
  ].join('\n')}\n`;
}

function containersLine(containers: readonly ContainerLeft[]): string {
  return containers
    .map(({ id, running }) => `  ${id} ${running ? 'runs' : 'has stopped'}`)
    .join('');
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
    const lost = endpoint.captureLoss === null ? [] : [`  ${endpoint.captureLoss}`];
    return [row.trimEnd(), ...doing, ...reload, ...lost, ...reason];
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
