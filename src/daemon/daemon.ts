import { randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Artifacts } from '../artifacts/artifacts.js';
import type { Config } from '../config/config.js';
import type { ContainerEngine } from '../containers/engine.js';
import { ENDPOINT_LABEL, STATE_LABEL } from '../containers/labels.js';
import type { ControlPlane } from '../deploy/apply.js';
import { SmlocalError } from '../errors.js';
import type { Caller } from '../hosting/arn.js';
import { STOP_GRACE_SECONDS } from '../hosting/bring-up.js';
import type { HostingEvents } from '../hosting/events.js';
import type { Reconciler } from '../hosting/reconciler.js';
import type { EndpointRecord, Records } from '../hosting/records.js';
import { redeployed } from '../hosting/redeploy.js';
import { resumeAfterRestart } from '../hosting/resume.js';
import type { RouteTable } from '../hosting/route-table.js';
import type { Logger } from '../log.js';
import { VERSION } from '../version.js';
import { runOperation } from '../wire/control-plane.js';
import { createSageMakerServer } from '../wire/server.js';
import { ActivityLog } from './activity-log.js';
import { createAdmin } from './admin.js';
import { endpointLogs } from './endpoint-logs.js';
import { listen } from './listen.js';
import type { StateFolder } from './state-folder.js';
import { type DaemonStatus, endpointLine } from './status.js';

/** Invocations in flight are given this long to end before their containers are stopped. */
const DRAIN_MS = 1_000;

/** How often an engine that does not answer is asked again. */
const ENGINE_RETRY_MS = 1_000;

export interface StopOptions {
  /** Kill the containers now, in place of SIGTERM and a grace of 30 s. */
  readonly force: boolean;
}

export interface DaemonParts {
  readonly config: Config;
  readonly folder: StateFolder;
  readonly engine: ContainerEngine;
  readonly artifacts: Artifacts;
  readonly records: Records;
  readonly routes: RouteTable;
  readonly events: HostingEvents;
  readonly reconciler: Reconciler;
  readonly log: Logger;
  /** Gives the state folder's lock back. */
  readonly unlock: () => void;
}

/** A running smlocal; `startDaemon` makes one. */
export class Daemon {
  readonly events: HostingEvents;
  /** Until whoever started it says that its endpoints have been asked for. */
  starting = true;
  readonly #parts: DaemonParts;
  readonly #server: Server;
  readonly #token = randomBytes(24).toString('base64url');
  readonly #activity: ActivityLog;
  readonly #force = new AbortController();
  /** Resolves when the daemon has been stopped, by whomever. */
  readonly stopped: Promise<void>;
  #markStopped: (outcome: Promise<void>) => void = () => {};
  #url = '';
  #engine: DaemonStatus['engine'] = { answers: false, description: '' };
  /** Aborts when the daemon begins to stop. */
  readonly #ending = new AbortController();
  #stopping = false;

  constructor(parts: DaemonParts) {
    this.#parts = parts;
    this.stopped = new Promise((resolve) => {
      this.#markStopped = resolve;
    });
    this.events = parts.events;
    this.#activity = new ActivityLog(parts.events);
    this.#server = createSageMakerServer({
      ...parts,
      defaults: this.#defaults,
      saveEndpoint: (record) => this.#saveEndpoint(record),
      admin: createAdmin({
        token: this.#token,
        status: () => this.status(),
        shutdown: (options) => void this.stop(options),
        logs: (endpointName, options) =>
          endpointLogs({ ...parts, stateId: parts.folder.id }, endpointName, options),
      }),
    });
  }

  /** Where an SDK finds it. */
  get url(): string {
    return this.#url;
  }

  /** Takes the port, and tells the state folder. @throws SmlocalError where the port is taken */
  async listen(): Promise<void> {
    const { config, folder, log } = this.#parts;
    this.#url = await listen(this.#server, config.port);
    folder.writeAddress({ pid: process.pid, url: this.#url, token: this.#token });
    log.info({ url: this.#url, stateDir: folder.path }, 'listening');
  }

  /** Calls an operation as a client would, without the wire. */
  readonly control: ControlPlane = async (operation, input) => {
    const { records, artifacts } = this.#parts;
    // Through JSON, as over the wire: an unset member is absent then, and a Date is not one.
    return runOperation(operation, JSON.parse(JSON.stringify(input)), {
      caller: this.#defaults,
      records,
      artifacts,
      saveEndpoint: (record) => this.#saveEndpoint(record),
      now: new Date(),
    });
  };

  get endpoints(): readonly EndpointRecord[] {
    return this.#parts.records.endpoints.values();
  }

  /**
   * Goes on with what the state folder says is wanted, and lets go of containers that it does not know. Where no container
   * engine answers it waits for one: endpoints stay as they are until then.
   *
   * @param onWaiting told once why no engine answers
   */
  async resume(onWaiting: (reason: SmlocalError) => void = () => {}): Promise<void> {
    const { records, reconciler } = this.#parts;
    const known = await resumeAfterRestart(records);
    await this.#engineAnswers(onWaiting);
    const left = (await this.#containers()).map(({ labels }) => labels[ENDPOINT_LABEL] ?? '');
    for (const name of new Set([...known, ...left])) reconciler.request(name);
  }

  async #engineAnswers(onWaiting: (reason: SmlocalError) => void): Promise<void> {
    const { engine, log } = this.#parts;
    for (let told = false; ; told = true) {
      try {
        this.#engine = { answers: true, description: await engine.describe(this.#ending.signal) };
        return;
      } catch (error) {
        if (!(error instanceof SmlocalError) || this.#ending.signal.aborted) throw error;
        this.#engine = {
          answers: false,
          description: `${error.message} ${error.hint ?? ''}`.trim(),
        };
        if (!told) log.warn({ err: error }, 'waiting for a container engine');
        if (!told) onWaiting(error);
      }
      await delay(ENGINE_RETRY_MS, undefined, { signal: this.#ending.signal });
    }
  }

  /** Deploys what an endpoint serves once more, in fresh containers beside the old. False where it serves nothing. */
  async redeploy(endpointName: string, cause: string): Promise<boolean> {
    const record = redeployed(this.#parts.records, endpointName, cause, new Date());
    if (record !== undefined) await this.#saveEndpoint(record);
    return record !== undefined;
  }

  status(): DaemonStatus {
    const { folder, config, routes } = this.#parts;
    return {
      pid: process.pid,
      url: this.url,
      version: VERSION,
      stateDir: folder.path,
      config: config.file ?? null,
      engine: this.#engine,
      starting: this.starting,
      endpoints: this.endpoints.map((record) =>
        endpointLine(record, routes, this.#activity.of(record.EndpointName)),
      ),
    };
  }

  /** How many containers there are to stop. */
  async countContainers(): Promise<number> {
    return (await this.#containers()).length;
  }

  /** Stops serving and removes every container. Safe to call again, and with `force` while a first call lasts. */
  stop({ force }: StopOptions): Promise<void> {
    if (force) this.#force.abort();
    if (!this.#stopping) {
      this.#stopping = true;
      this.#ending.abort(new Error('smlocal is stopping'));
      this.#markStopped(this.#stop());
    }
    return this.stopped;
  }

  async #stop(): Promise<void> {
    const { reconciler, log, folder, unlock } = this.#parts;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeIdleConnections();
    const cut = setTimeout(() => this.#server.closeAllConnections(), DRAIN_MS);
    try {
      await reconciler.close();
      await this.#removeContainers();
    } finally {
      this.#server.closeAllConnections();
      await closed;
      clearTimeout(cut);
      folder.removeAddress();
      unlock();
      log.info('stopped');
    }
  }

  async #removeContainers(): Promise<void> {
    const { engine } = this.#parts;
    try {
      const containers = await this.#containers();
      await Promise.all(
        containers.map(async ({ id }) => {
          await Promise.race([engine.stop(id, STOP_GRACE_SECONDS), aborted(this.#force.signal)]);
          await engine.remove(id);
        }),
      );
    } catch (error) {
      // Without an engine there is no container to stop either.
      if (!(error instanceof SmlocalError)) throw error;
      this.#parts.log.warn({ err: error }, 'containers could not be stopped');
    }
  }

  async #saveEndpoint(record: EndpointRecord): Promise<void> {
    const { EndpointName: endpointName, EndpointStatus: status } = record;
    await this.#parts.records.endpoints.put(endpointName, record);
    this.events.emit('status', { endpointName, status });
    this.#parts.reconciler.request(endpointName);
  }

  /** For what is not signed for another region or account. */
  get #defaults(): Caller {
    const { region, accountId } = this.#parts.config;
    return { region, accountId };
  }

  #containers() {
    const { engine, folder } = this.#parts;
    return engine.list({ [STATE_LABEL]: folder.id });
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  );
}
