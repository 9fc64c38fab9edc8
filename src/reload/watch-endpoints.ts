import { existsSync, realpathSync } from 'node:fs';
import { basename, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type FSWatcher, watch } from 'chokidar';
import { sourceDirectoryOf } from '../hosting/container-spec.js';
import type { HostingEvents } from '../hosting/events.js';
import type { EndpointRecord } from '../hosting/records.js';

/** Editors and `git checkout` write in bursts; a batch ends when nothing has changed for this long. */
const QUIET_MS = 50;

/** What changes without the code having changed: byte code, editors' own files, version control. */
const IGNORED =
  /(^|[\\/])(__pycache__|\.git|\.ipynb_checkpoints|4913|\.#[^\\/]*|#[^\\/]*#|[^\\/]*(\.pyc|\.sw[a-z]|~|\.tmp))([\\/]|$)/;

export interface WatchParts {
  readonly endpoints: () => readonly EndpointRecord[];
  readonly events: HostingEvents;
  /** False where the endpoint cannot be deployed now. */
  readonly redeploy: (endpointName: string, cause: string) => Promise<boolean>;
  readonly onError: (error: unknown) => void;
}

/**
 * Watches the handler folders and `file://` model data of every endpoint that serves, and deploys an endpoint once more
 * when a file of its has changed. Endpoints made through the API are watched like those of config.yml.
 *
 * @returns ends the watch
 */
export function watchEndpoints(parts: WatchParts): () => Promise<void> {
  const changed = new Map<string, Set<string>>();
  const watcher = watch([], {
    ignoreInitial: true,
    ignored: (path) => IGNORED.test(basename(path)),
  });
  let watched: ReadonlyMap<string, ReadonlySet<string>> = new Map();
  let timer: NodeJS.Timeout | undefined;

  const refresh = () => {
    const next = pathsOf(parts.endpoints());
    apply(watcher, watched, next);
    watched = next;
    if (changed.size > 0) schedule();
  };
  const schedule = () => {
    clearTimeout(timer);
    timer = setTimeout(() => void flush().catch(parts.onError), QUIET_MS);
  };
  const flush = async () => {
    for (const [endpointName, files] of [...changed]) {
      changed.delete(endpointName);
      const accepted = await parts.redeploy(endpointName, causeOf(files));
      // It is busy: what has changed meanwhile goes out when it has settled, as one.
      if (!accepted && !changed.has(endpointName)) changed.set(endpointName, files);
    }
  };

  watcher.on('all', (_event, path) => {
    for (const [root, names] of watched) {
      if (path !== root && !path.startsWith(root + sep)) continue;
      for (const name of names) {
        const files = changed.get(name) ?? new Set();
        changed.set(name, files.add(relative(root, path) || basename(path)));
      }
    }
    schedule();
  });
  watcher.on('error', parts.onError);
  parts.events.on('status', refresh);
  refresh();
  return async () => {
    parts.events.off('status', refresh);
    clearTimeout(timer);
    await watcher.close();
  };
}

function causeOf(files: ReadonlySet<string>): string {
  const [first, ...rest] = files;
  return rest.length === 0 ? `${first} changed` : `${first} and ${rest.length} more changed`;
}

function apply(
  watcher: FSWatcher,
  before: ReadonlyMap<string, unknown>,
  after: ReadonlyMap<string, unknown>,
): void {
  for (const path of after.keys()) if (!before.has(path)) watcher.add(path);
  for (const path of before.keys()) if (!after.has(path)) watcher.unwatch(path);
}

/** Each path to watch, with the endpoints that it belongs to. */
function pathsOf(endpoints: readonly EndpointRecord[]): Map<string, Set<string>> {
  const paths = new Map<string, Set<string>>();
  for (const { EndpointName, EndpointStatus, deployment, pending } of endpoints) {
    if (EndpointStatus === 'Deleting' || EndpointStatus === 'Failed') continue;
    const variants = [...(deployment?.variants ?? []), ...(pending?.variants ?? [])];
    for (const path of variants.flatMap(({ container }) => filesOf(container))) {
      paths.set(path, (paths.get(path) ?? new Set()).add(EndpointName));
    }
  }
  return paths;
}

function filesOf(container: Parameters<typeof sourceDirectoryOf>[0]): string[] {
  const data = container.ModelDataUrl ?? container.ModelDataSource?.S3DataSource?.S3Uri;
  const paths = [
    sourceDirectoryOf(container),
    data?.startsWith('file://') ? fileURLToPath(data) : undefined,
  ];
  return paths
    .filter((path) => path !== undefined && existsSync(path))
    .map((path) => realpathSync(String(path)));
}
