import { fileURLToPath, pathToFileURL } from 'node:url';
import { createArtifacts } from '../artifacts/artifacts.js';
import { type ModelPackage, packageModel } from '../artifacts/package.js';
import type { Config, EndpointSettings } from '../config/config.js';
import { type createLocalImages, isLocalImage, repositoryNameOf } from '../containers/push.js';
import type { StateFolder } from '../daemon/state-folder.js';
import { type Prepared, packagesOf, prepareDeploy } from '../deploy/deploy.js';
import type { Target } from '../deploy/target.js';
import { ExitCode, SmlocalError } from '../errors.js';
import { createLogger } from '../log.js';
import type { OnProgress } from '../progress.js';

export type LocalImages = ReturnType<typeof createLocalImages>;

export interface PrepareParts {
  readonly config: Config;
  readonly folder: StateFolder;
  readonly images: LocalImages;
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
}

/** Packs an endpoint and plans its deploy, by what config.yml says of it. */
export function prepare(
  target: Target,
  settings: EndpointSettings,
  { config, folder, images, signal, onProgress }: PrepareParts,
): Promise<Prepared> {
  const unpacked = unpackedBy({ config, folder, signal, onProgress });
  return prepareDeploy(target, {
    settings,
    bucket: config.deploy?.bucket,
    keep: config.deploy?.keepVersions ?? 0,
    stateDir: folder.path,
    packing: { unpacked, signal, onProgress },
    images: { isLocal: isLocalImage, repositoryNameOf, find: images.find },
  });
}

type Unpacking = Pick<PrepareParts, 'config' | 'folder' | 'signal' | 'onProgress'>;

function unpackedBy({ config, folder, signal, onProgress }: Unpacking) {
  const { limits } = config;
  const artifacts = createArtifacts({ stateDir: folder.path, limits, log: createLogger() });
  return (file: string) =>
    artifacts.directoryFor(
      { uri: pathToFileURL(file).href, compression: 'Gzip' },
      { signal, onProgress },
    );
}

/** The package that a deploy would upload, where it is made of this machine's files alone; undefined where it is not. */
export async function packageHere(
  { modelDataUrl, sourceDirectory: code, multiModel }: EndpointSettings,
  parts: Omit<Unpacking, 'onProgress'>,
): Promise<ModelPackage | undefined> {
  if (multiModel !== undefined) return undefined;
  const model = modelDataUrl?.startsWith('file:') ? fileURLToPath(modelDataUrl) : undefined;
  if (model === undefined && (modelDataUrl !== undefined || code === undefined)) return undefined;
  const unpacking = { ...parts, onProgress: () => {} };
  return packageModel(
    { model, code },
    {
      folder: packagesOf(parts.folder.path),
      unpacked: unpackedBy(unpacking),
      signal: parts.signal,
      onProgress: () => {},
    },
  );
}

/**
 * The endpoints of an environment, or the one of this name.
 * @throws SmlocalError (exit code `usage`) where there is none
 */
export function endpointsOf(
  config: Config,
  environment: string,
  endpointName: string | undefined,
): readonly EndpointSettings[] {
  const { endpoints } = config;
  if (endpoints.length === 0) {
    throw new SmlocalError(
      `${config.file ?? 'config.yml'} describes no endpoint for the environment ${environment}.`,
      {
        hint: 'Name another with --env or DEPLOY_ENV, or add a block under "environments:".',
        exitCode: ExitCode.usage,
      },
    );
  }
  if (endpointName === undefined) return endpoints;
  const chosen = endpoints.filter((one) => one.endpointName === endpointName);
  if (chosen.length > 0) return chosen;
  const names = endpoints.map((one) => one.endpointName).join(', ');
  throw new SmlocalError(`config.yml has no endpoint ${endpointName} in ${environment}.`, {
    hint: `It has ${names}.`,
    exitCode: ExitCode.usage,
  });
}
