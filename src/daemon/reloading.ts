import type { ContainerEngine } from '../containers/engine.js';
import type { HostingEvents } from '../hosting/events.js';
import type { Instances } from '../hosting/instances.js';
import type { Reconciler } from '../hosting/reconciler.js';
import type { Deployment, EndpointRecord, Records } from '../hosting/records.js';
import { begunAnew, redeployed } from '../hosting/redeploy.js';
import type { RouteTable } from '../hosting/route-table.js';
import { servingContainers } from '../hosting/serving.js';
import { settled } from '../hosting/settled.js';
import { ignoreRules } from '../ignore-rules.js';
import type { Logger } from '../log.js';
import type { AgentExtras } from '../reload/agent-extras.js';
import { ReloadEvents, Reloader } from '../reload/reloader.js';
import type { ReloadReport } from '../reload/report.js';
import { changesByEndpoint, watchedPaths } from '../reload/watched-paths.js';
import { Watcher } from '../reload/watcher.js';

/** A deployment that came of UpdateEndpoint or UpdateEndpointWeightsAndCapacities is the user's own wish, which no saved file may undo. */
const USERS_UPDATE = 'UpdateEndpoint';

export interface WatchSettings {
  /** Patterns as in .gitignore, for what is not worth a reload. */
  readonly ignore: readonly string[];
  /** Look at the files every so often, where no events come. */
  readonly polling: boolean;
}

export interface ReloadingParts {
  readonly engine: ContainerEngine;
  readonly records: Records;
  readonly routes: RouteTable;
  readonly instances: Instances;
  readonly events: HostingEvents;
  readonly reconciler: Reconciler;
  readonly agents: AgentExtras;
  readonly saveEndpoint: (record: EndpointRecord) => Promise<void>;
  readonly log: Logger;
}

/** Reloads endpoints: when a file of theirs changes, once `watch` is called, and when somebody asks. */
export class Reloading {
  readonly events = new ReloadEvents();
  readonly #parts: ReloadingParts;
  readonly #reloader: Reloader;
  readonly #last = new Map<string, ReloadReport>();
  #watcher: Watcher | undefined;
  #refresh = () => {};

  constructor(parts: ReloadingParts, ending: AbortSignal) {
    this.#parts = parts;
    this.events.on('report', (report) => this.#last.set(report.endpointName, report));
    this.#reloader = new Reloader(
      {
        engine: parts.engine,
        events: this.events,
        serving: (endpointName) => this.#serving(endpointName),
        mailboxOf: (containerName) => parts.agents.mailboxOf(containerName),
        hold: (endpointName) => parts.routes.hold(endpointName),
        replace: (endpointName, cause, signal) =>
          this.#replace(endpointName, cause, signal, ending),
      },
      ending,
    );
  }

  /** Watches the handlers and `file://` models of every endpoint, those made through the API included. */
  watch({ ignore, polling }: WatchSettings): void {
    let watched = watchedPaths(this.#parts.records.endpoints.values());
    const rulesOf = new Map<string, ReturnType<typeof ignoreRules>>();
    const ignored = (path: string, isFolder: boolean) => {
      const root = watched.find((entry) => path.startsWith(entry.path))?.path;
      if (root === undefined) return false;
      const rules = rulesOf.get(root) ?? ignoreRules(root, ignore);
      rulesOf.set(root, rules);
      return rules(path, isFolder);
    };
    this.#watcher = new Watcher({
      ignored,
      polling,
      onBatch: (paths) => {
        for (const [endpointName, changes] of changesByEndpoint(watched, paths)) {
          this.#reloader.changed(endpointName, changes);
        }
      },
      onError: (error) => this.#parts.log.error({ err: error }, 'the watch failed'),
    });
    this.#refresh = () => {
      watched = watchedPaths(this.#parts.records.endpoints.values());
      this.#watcher?.set(new Set(watched.map(({ path }) => path)));
    };
    this.#parts.events.on('status', this.#refresh);
    this.#refresh();
  }

  /** Reloads an endpoint now, by the cheapest tier that is right. */
  reload(endpointName: string): Promise<ReloadReport> {
    return this.#reloader.reload(endpointName);
  }

  /** How the last reload of an endpoint went. */
  last(endpointName: string): ReloadReport | undefined {
    return this.#last.get(endpointName);
  }

  /** Ends the watch, and waits for what is under way; the daemon's end has aborted that. */
  async close(): Promise<void> {
    this.#parts.events.off('status', this.#refresh);
    await this.#watcher?.close();
    await this.#reloader.idle();
  }

  #serving(endpointName: string) {
    const record = this.#parts.records.endpoints.get(endpointName);
    return record === undefined ? [] : servingContainers(record, this.#parts.instances);
  }

  async #replace(
    endpointName: string,
    cause: string,
    signal: AbortSignal,
    ending: AbortSignal,
  ): Promise<string | undefined> {
    const { records, events, reconciler, saveEndpoint } = this.#parts;
    const found = records.endpoints.get(endpointName);
    const anew = begunAnew(found, cause, new Date());
    if (anew !== undefined) await saveEndpoint(anew);
    if (!found?.pending?.cause.startsWith(USERS_UPDATE)) reconciler.abandon(endpointName);
    const before = await settled(records, events, endpointName, signal);
    if (anew !== undefined && isOf(before, anew.pending)) return before?.FailureReason;
    const record = redeployed(before, cause, new Date());
    if (record === undefined) return 'The endpoint is gone.';
    const abandon = () => reconciler.abandon(endpointName);
    signal.addEventListener('abort', abandon, { once: true });
    try {
      await saveEndpoint(record);
      // Not the reload's own signal: what was given up must have been cleared away before the next begins.
      const after = await settled(records, events, endpointName, ending);
      return after?.FailureReason;
    } finally {
      signal.removeEventListener('abort', abandon);
    }
  }
}

/** Whether an endpoint has come up, or failed to, with a deployment. */
function isOf(record: EndpointRecord | undefined, deployment: Deployment | undefined): boolean {
  return [record?.deployment, record?.pending].some((one) => one?.id === deployment?.id);
}
