import { existsSync, realpathSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMultiModel, sourceDirectoryOf } from '../hosting/container-spec.js';
import type { EndpointRecord, VariantDeployment } from '../hosting/records.js';
import type { Change, ChangeRoot } from './changes.js';

/** A path of the user's that an endpoint's containers show. */
interface WatchedPath {
  readonly endpointName: string;
  readonly root: ChangeRoot;
  /** Absolute, with its links followed, as the file system reports changes. */
  readonly path: string;
}

/** Every handler folder and `file://` model of the endpoints, of failed ones too: a mended file brings them up again. */
export function watchedPaths(endpoints: readonly EndpointRecord[]): WatchedPath[] {
  const found = endpoints
    .filter(({ EndpointStatus }) => EndpointStatus !== 'Deleting')
    .flatMap(({ EndpointName, deployment, pending }) =>
      [...(deployment?.variants ?? []), ...(pending?.variants ?? [])].flatMap(({ container }) =>
        pathsOf(EndpointName, container),
      ),
    );
  // What is being brought up mostly shows what serves shows.
  const distinct = new Map(found.map((each) => [Object.values(each).join('\n'), each]));
  return [...distinct.values()];
}

function pathsOf(endpointName: string, container: VariantDeployment['container']): WatchedPath[] {
  const url = container.ModelDataUrl ?? container.ModelDataSource?.S3DataSource?.S3Uri;
  const code = sourceDirectoryOf(container);
  // Archives of several models are looked at when they are asked for (hosting/multi-model).
  const model =
    url?.startsWith('file://') && !isMultiModel(container) ? fileURLToPath(url) : undefined;
  return [
    ...(code !== undefined && existsSync(code)
      ? [{ endpointName, root: 'code' as const, path: realpathSync(code) }]
      : []),
    ...(model !== undefined && existsSync(model)
      ? [{ endpointName, root: 'model' as const, path: realpathSync(model) }]
      : []),
  ];
}

/** What changed paths mean for each endpoint. A handler inside a watched model folder is code, not model. */
export function changesByEndpoint(
  watched: readonly WatchedPath[],
  paths: readonly string[],
): Map<string, Change[]> {
  const changes = new Map<string, Change[]>();
  for (const path of paths) {
    for (const { endpointName, root, path: top } of watched) {
      if (path !== top && !path.startsWith(top + sep)) continue;
      const below = relative(top, path).split(sep).join('/') || basename(path);
      const change = asCode(watched, endpointName, root, path, top) ?? { root, path: below };
      changes.set(endpointName, [...(changes.get(endpointName) ?? []), change]);
    }
  }
  return changes;
}

function asCode(
  watched: readonly WatchedPath[],
  endpointName: string,
  root: ChangeRoot,
  path: string,
  top: string,
): Change | undefined {
  const code = join(top, 'code') + sep;
  const covered = watched.some(
    (other) => other.endpointName === endpointName && other.root === 'code',
  );
  if (root !== 'model' || covered || !path.startsWith(code)) return undefined;
  return { root: 'code', path: path.slice(code.length).split(sep).join('/') };
}
