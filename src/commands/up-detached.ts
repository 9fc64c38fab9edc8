import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { StateFolder } from '../daemon/state-folder.js';
import type { DaemonStatus, EndpointStatusLine } from '../daemon/status.js';
import { ExitCode, SmlocalError } from '../errors.js';
import { DaemonClient } from './daemon-client.js';

const POLL_MS = 50;

/**
 * `smlocal up --detach`: the same command once more as a process of its own, whose output goes to a file. Returns when its
 * endpoints have settled. Ctrl-C ends the waiting, not the daemon.
 */
export async function upDetached(folder: StateFolder): Promise<ExitCode> {
  const running = DaemonClient.find(folder);
  if (running !== undefined) {
    throw new SmlocalError(
      `smlocal is running already at ${running.url} (process ${running.pid}).`,
      {
        hint: 'Type "smlocal status" to see it, "smlocal down" to stop it.',
      },
    );
  }
  folder.create();
  const output = join(folder.path, 'up.log');
  const child = start(output);
  const client = await listening(folder, child, output);
  process.stdout.write(
    `smlocal listens on ${client.url} (process ${client.pid}; its output is in ${output})\n  export AWS_ENDPOINT_URL=${client.url}   and any AWS SDK finds it; "smlocal down" stops it\n`,
  );
  const { endpoints, engine, configFaults } = await settled(client);
  if (!engine.answers) {
    throw new SmlocalError(engine.description, {
      hint: 'smlocal keeps running, and goes on as soon as an engine answers; "smlocal down" stops it.',
      exitCode: ExitCode.noEngine,
    });
  }
  for (const fault of configFaults) process.stdout.write(`${fault}\n`);
  const failed = endpoints.some(({ EndpointStatus }) => EndpointStatus === 'Failed');
  return failed || configFaults.length > 0 ? ExitCode.endpointFailed : ExitCode.ok;
}

interface Child {
  readonly exitCode: number | null;
  readonly signalCode: NodeJS.Signals | null;
  readonly pid?: number;
}

function start(output: string): Child {
  const file = openSync(output, 'w', 0o600);
  const flags = process.argv.slice(1).filter((flag) => flag !== '--detach' && flag !== '-d');
  const child = spawn(process.execPath, flags, { detached: true, stdio: ['ignore', file, file] });
  closeSync(file);
  child.unref();
  return child;
}

async function listening(folder: StateFolder, child: Child, output: string): Promise<DaemonClient> {
  for (;;) {
    const client = DaemonClient.find(folder);
    if (client !== undefined && client.pid === child.pid) return client;
    if (child.exitCode !== null || child.signalCode !== null) {
      const said = readFileSync(output, 'utf8').trim();
      throw new SmlocalError(said.replace(/^smlocal: /, ''), { exitCode: ExitCode.failed });
    }
    await delay(POLL_MS);
  }
}

/** Prints what each endpoint is doing until none is doing anything. */
async function settled(client: DaemonClient): Promise<DaemonStatus> {
  const shown = new Map<string, string>();
  for (;;) {
    const status = await client.status();
    for (const endpoint of status.endpoints) {
      const line = describe(endpoint);
      if (shown.get(endpoint.EndpointName) === line) continue;
      shown.set(endpoint.EndpointName, line);
      process.stdout.write(`${line}\n`);
    }
    if (status.starting && isWaiting(status)) return status;
    if (
      !status.starting &&
      status.endpoints.every(({ EndpointStatus }) => isSettled(EndpointStatus))
    )
      return status;
    await delay(POLL_MS);
  }
}

/** It has asked for an engine, and none has answered. */
function isWaiting({ engine }: DaemonStatus): boolean {
  return !engine.answers && engine.description !== '';
}

function isSettled(status: string): boolean {
  return status === 'InService' || status === 'Failed';
}

function describe({
  EndpointName,
  EndpointStatus,
  FailureReason,
  activity,
}: EndpointStatusLine): string {
  const reason = FailureReason === null ? '' : `\n  ${FailureReason}`;
  const doing = activity === null || isSettled(EndpointStatus) ? '' : `, ${activity}`;
  return `${EndpointName}: ${EndpointStatus}${doing}${reason}`;
}
