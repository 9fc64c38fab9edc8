import { setTimeout as delay } from 'node:timers/promises';
import type { EndpointLogLine } from '../daemon/admin.js';
import { isRunning } from '../daemon/lock.js';
import { findDaemon, runningDaemon } from '../daemon/running.js';
import type { DaemonAddress, StateFolder } from '../daemon/state-folder.js';
import type { DaemonStatus } from '../daemon/status.js';
import { ExitCode, SmlocalError } from '../errors.js';
import type { ReloadReport } from '../reload/report.js';

const POLL_MS = 25;

/** Talks to the daemon of a state folder over its admin API. */
export class DaemonClient {
  readonly #address: DaemonAddress;

  private constructor(address: DaemonAddress) {
    this.#address = address;
  }

  /** The daemon of this state folder, or undefined where none runs. */
  static find(folder: StateFolder): DaemonClient | undefined {
    const address = findDaemon(folder);
    return address && new DaemonClient(address);
  }

  /** @throws SmlocalError (exit code `notRunning`) where no daemon runs */
  static get(folder: StateFolder): DaemonClient {
    return new DaemonClient(runningDaemon(folder));
  }

  get url(): string {
    return this.#address.url;
  }

  /** What to sign with; undefined where anything will do. */
  get credentials(): DaemonAddress['credentials'] {
    return this.#address.credentials;
  }

  get pid(): number {
    return this.#address.pid;
  }

  async status(): Promise<DaemonStatus> {
    return (await (await this.#fetch('status')).json()) as DaemonStatus;
  }

  /** Asks the daemon to stop and waits until its process has ended. */
  async shutdown(options: { force: boolean }): Promise<void> {
    await this.#fetch(`shutdown?force=${options.force}`, { method: 'POST' });
    while (isRunning(this.pid)) await delay(POLL_MS);
  }

  /** Reloads an endpoint and waits until that is done. */
  async reload(endpointName: string): Promise<ReloadReport> {
    const path = `reload?endpoint=${encodeURIComponent(endpointName)}`;
    return (await (await this.#fetch(path, { method: 'POST' })).json()) as ReloadReport;
  }

  async *logs(query: {
    endpoint?: string;
    tail?: number;
    follow: boolean;
    signal: AbortSignal;
  }): AsyncGenerator<EndpointLogLine> {
    const parameters = new URLSearchParams({ follow: String(query.follow) });
    if (query.endpoint !== undefined) parameters.set('endpoint', query.endpoint);
    if (query.tail !== undefined) parameters.set('tail', String(query.tail));
    const response = await this.#fetch(`logs?${parameters}`, { signal: query.signal });
    let rest = '';
    for await (const text of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) yield JSON.parse(line) as EndpointLogLine;
    }
  }

  async #fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const { url, token, pid } = this.#address;
    const headers = { authorization: `Bearer ${token}` };
    let response: Response;
    try {
      response = await fetch(`${url}/_smlocal/${path}`, { ...init, headers });
    } catch (error) {
      if (init.signal?.aborted) throw error;
      throw new SmlocalError(`smlocal (process ${pid}) does not answer at ${url}.`, {
        hint: `Stop it with "kill ${pid}", then type "smlocal down" to clean up after it.`,
        exitCode: ExitCode.notRunning,
        cause: error,
      });
    }
    if (response.ok) return response;
    throw new SmlocalError(`smlocal answered ${response.status}: ${await response.text()}`);
  }
}
