import { randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import type { Artifacts } from '../artifacts/artifacts.js';
import type { Config } from '../config/config.js';
import type { ContainerEngine } from '../containers/engine.js';
import type { ControlPlane } from '../deploy/control.js';
import type { SmlocalError } from '../errors.js';
import type { Caller } from '../hosting/arn.js';
import type { Captures } from '../hosting/capture/captures.js';
import type { HostingEvents } from '../hosting/events.js';
import type { Instances } from '../hosting/instances.js';
import type { Reconciler } from '../hosting/reconciler.js';
import type { EndpointRecord, Records } from '../hosting/records.js';
import type { RouteTable } from '../hosting/route-table.js';
import type { Logger } from '../log.js';
import type { AgentExtras } from '../reload/agent-extras.js';
import type { AwsServices } from '../services/aws.js';
import { UnservedCalls } from '../services/unserved-calls.js';
import { VERSION } from '../version.js';
import { runOperation } from '../wire/control-plane.js';
import { createSageMakerServer } from '../wire/server.js';
import { ActivityLog } from './activity-log.js';
import { createAdmin, type EndpointLogLine } from './admin.js';
import { AwsBackground } from './aws-background.js';
import { endpointLogs, type LogOptions } from './endpoint-logs.js';
import type { EngineHealth } from './engine-health.js';
import { guardSettings, listen, ownCredentials } from './listen.js';
import type { LocalRoleAccess } from './local-role-access.js';
import { letGoOfContainers } from './own-containers.js';
import { Reloading } from './reloading.js';
import { Resumption } from './resumption.js';
import type { StateFolder } from './state-folder.js';
import { type DaemonStatus, type EndpointStatusLine, endpointLine } from './status.js';

/** Invocations in flight are given this long to end before their containers are stopped. */
const DRAIN_MS = 1_000;

export interface StopOptions {
  /** Kill the containers now, in place of SIGTERM and a grace of 30 s. */
  readonly force: boolean;
}

export interface DaemonParts {
  readonly config: Config;
  readonly folder: StateFolder;
  readonly engine: ContainerEngine;
  readonly engineWatch: EngineHealth;
  readonly artifacts: Artifacts;
  readonly records: Records;
  readonly routes: RouteTable;
  readonly events: HostingEvents;
  readonly instances: Instances;
  readonly captures: Captures;
  readonly reconciler: Reconciler;
  readonly aws: AwsServices;
  readonly agents: AgentExtras;
  readonly roleAccess: LocalRoleAccess;
  readonly log: Logger;
  readonly mask: (text: string) => string;
  /** Gives the state folder's lock back. */
  readonly unlock: () => void;
}

/** A running smlocal; `startDaemon` makes one. */
export class Daemon {
  readonly events: HostingEvents;
  /** Takes known secrets out of what a person is told. */
  readonly mask: DaemonParts['mask'];
  /** Until whoever started it says that its endpoints have been asked for. */
  starting = true;
  /** Which endpoints of config.yml could not be asked for, and why: a line each. */
  configFaults: readonly string[] = [];
  /** Reloads endpoints when their files change. */
  readonly reloading: Reloading;
  readonly #parts: DaemonParts;
  readonly #server: Server;
  readonly #token = randomBytes(24).toString('base64url');
  readonly #activity: ActivityLog;
  readonly #background: AwsBackground;
  readonly #unserved = new UnservedCalls();
  readonly #force = new AbortController();
  /** Resolves when the daemon has been stopped, by whomever. */
  readonly stopped: Promise<void>;
  #markStopped: (outcome: Promise<void>) => void = () => {};
  #url = '';
  readonly #resumption: Resumption;
  readonly #ending = new AbortController();

  constructor(parts: DaemonParts) {
    this.#parts = parts;
    this.stopped = new Promise((resolve) => {
      this.#markStopped = resolve;
    });
    this.events = parts.events;
    this.mask = parts.mask;
    this.#activity = new ActivityLog(parts.events);
    this.#background = new AwsBackground(parts);
    const saveEndpoint = (record: EndpointRecord) => this.#saveEndpoint(record);
    this.reloading = new Reloading({ ...parts, saveEndpoint }, this.ending);
    this.#resumption = new Resumption(parts);
    this.#background.counts.countReloads(this.reloading.events);
    const answers = {
      ...parts,
      defaults: this.#defaults,
      saveEndpoint,
      unserved: this.#unserved,
      metricsPage: () => this.#background.metricsPage(),
      admin: createAdmin({
        token: this.#token,
        status: () => this.status(),
        shutdown: (options) => void this.stop(options),
        reload: (endpointName) => this.reloading.reload(endpointName),
        logs: (endpointName, options) => this.logs(endpointName, options),
      }),
    };
    const guard = guardSettings(parts.config, parts.aws.sessions);
    this.#server = createSageMakerServer({ ...answers, guard });
    parts.roleAccess.serveBy((guard) => createSageMakerServer({ ...answers, guard }));
  }

  /** Aborts when the daemon begins to stop, by whomever. */
  get ending(): AbortSignal {
    return this.#ending.signal;
  }

  /** Where an SDK finds it. */
  get url(): string {
    return this.#url;
  }

  /** Takes the port, and tells the state folder. @throws SmlocalError where the port is taken */
  async listen(): Promise<void> {
    const { config, folder, log } = this.#parts;
    this.#url = await listen(this.#server, config);
    const credentials = ownCredentials(config);
    folder.writeAddress({
      ...{ pid: process.pid, url: this.#url, token: this.#token, credentials },
      dockerHost: await this.#background.openDoor(),
    });
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

  /** From before the first call can come: those wait that `resume` will find containers for, and so does what needs an engine. */
  holdCalls(): void {
    this.#resumption.hold(this.ending);
  }

  /**
   * Goes on with what the state folder says is wanted, and lets go of containers that it does not know. Where no container
   * engine answers it waits for one: endpoints stay as they are until then.
   *
   * @param onWaiting told why no engine answers, each time that this begins
   */
  async resume(onWaiting: (reason: SmlocalError) => void = () => {}): Promise<void> {
    this.#background.start(this.control);
    await this.#resumption.resume(this.ending, onWaiting);
    await this.#parts.roleAccess.reopen(this.endpoints);
  }

  /** The output of an endpoint's containers, or of every endpoint's. */
  logs(endpointName: string | undefined, options: LogOptions): AsyncIterable<EndpointLogLine> {
    const { engine, folder } = this.#parts;
    return endpointLogs({ engine, events: this.events, stateId: folder.id }, endpointName, options);
  }

  async status(): Promise<DaemonStatus> {
    const { folder, config, engineWatch } = this.#parts;
    return {
      pid: process.pid,
      url: this.url,
      version: VERSION,
      stateDir: folder.path,
      config: config.file ?? null,
      engine: await engineWatch.status(),
      starting: this.starting,
      configFaults: this.configFaults,
      damagedFiles: folder.damagedFiles(),
      unservedOperations: this.#unserved.counts(),
      endpoints: this.endpointLines(),
    };
  }

  /** What each endpoint is doing. */
  endpointLines(): EndpointStatusLine[] {
    const parts = { ...this.#parts, activity: this.#activity, reloads: this.reloading };
    return this.endpoints.map((record) => endpointLine(record, parts));
  }

  /** Stops serving and removes every container. Safe to call again, and with `force` while a first call lasts. */
  stop({ force }: StopOptions): Promise<void> {
    if (force) this.#force.abort();
    if (!this.ending.aborted) {
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
      this.#background.endScaling();
      await this.reloading.close();
      await reconciler.close();
      await letGoOfContainers({ ...this.#parts, stateId: folder.id, force: this.#force.signal });
      await this.#background.close();
      await this.#parts.roleAccess.close();
    } finally {
      this.#server.closeAllConnections();
      await closed;
      clearTimeout(cut);
      folder.removeAddress();
      unlock();
      log.info('stopped');
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
}
