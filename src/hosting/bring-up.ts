import type { Artifacts } from '../artifacts/artifacts.js';
import { modelDataOf } from '../artifacts/model-data.js';
import type { Address, ContainerEngine, ExitStatus, ImageInfo } from '../containers/engine.js';
import { resolveImage } from '../containers/image-map.js';
import { waitUntilReady } from '../containers/readiness.js';
import { messageOf, SmlocalError } from '../errors.js';
import type { Mount } from '../mount.js';
import type { OnProgress } from '../progress.js';
import type { ContainerExtras } from './container-extras.js';
import {
  containerName,
  containerSpec,
  isMultiModel,
  MULTI_MODEL_LABEL,
  sourceDirectoryOf,
} from './container-spec.js';
import { DEBUGGER_PORT, forDebugging, isDebugged } from './debugging.js';
import { isEngineAway } from './engine-away.js';
import {
  BringUpError,
  exitFailure,
  handlerFailure,
  imageFailure,
  modelDataFailure,
  multiModelLabelFailure,
  pingFailure,
  startFailure,
} from './failure-reason.js';
import { MODELS_DIRECTORY } from './multi-model/model-api.js';
import type { InstanceKey } from './plan.js';
import type { VariantDeployment } from './records.js';
import type { RoleAccess } from './role-access.js';
import { withoutFrames } from './traceback.js';

/** SageMaker gives a container eight minutes to pass its first ping (developer guide), unless the variant says. */
const DEFAULT_STARTUP_TIMEOUT_SECONDS = 480;

/** SIGTERM to SIGKILL, as SageMaker stops a container (developer guide). */
export const STOP_GRACE_SECONDS = 30;

/** How much of a dead container's log is read for what to quote of it. */
const LAST_LINES = 200;

/** What running a container depends on. */
export interface ContainerSettings {
  readonly stateId: string;
  /** The `images:` map of config.yml. */
  readonly images: Readonly<Record<string, string>>;
  readonly platform: string | undefined;
  /** Whether what changes on the disk is to be taken up; not by default. */
  readonly watched?: boolean;
}

export interface BringUpParts {
  readonly engine: ContainerEngine;
  readonly artifacts: Artifacts;
  readonly settings: ContainerSettings;
  readonly extras: ContainerExtras;
  readonly roleAccess: RoleAccess;
}

export interface BringUpRequest {
  readonly endpointName: string;
  readonly region: string;
  readonly key: InstanceKey;
  readonly wanted: VariantDeployment;
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
}

/** A container that answers /ping. */
export interface ReadyContainer {
  readonly id: string;
  readonly address: Address;
  /** Settles when the container ends; rejects when `signal` of the tracker aborts. */
  readonly exited: Promise<ExitStatus>;
  readonly resolvedImage?: string;
}

/**
 * Runs one instance from nothing to its first good ping: image, model data, container, readiness. A container that does
 * not come up is stopped but kept, for its log.
 *
 * @throws BringUpError with the `FailureReason`
 */
export async function bringUp(
  parts: BringUpParts,
  request: BringUpRequest,
): Promise<ReadyContainer> {
  const [image, mounts] = await Promise.all([
    findImage(parts, request),
    prepareMounts(parts, request),
  ]);
  const container = await startContainer(parts, request, image, mounts);
  return { ...(await watchUntilReady(parts, request, container)), resolvedImage: image.resolved };
}

/** As {@link bringUp}, for a container that was found running: after a restart of the daemon, say. */
export async function watchUntilReady(
  parts: BringUpParts,
  request: BringUpRequest,
  container: { readonly id: string; readonly name: string; readonly address: Address },
): Promise<ReadyContainer> {
  const exited = parts.engine.waitForExit(container.id, request.signal);
  exited.catch(() => undefined); // Aborted with the daemon: whoever still waits is told by the signal.
  try {
    await awaitReady(parts, request, container, exited);
    const failure = await parts.extras.awaitWorkers(container, request.signal);
    if (failure !== undefined) throw handlerFailure(request.wanted.variant.VariantName, failure);
  } catch (error) {
    // An engine that went away says nothing about the container, which may well serve on.
    if (!request.signal.aborted && !isEngineAway(error))
      await parts.engine.stop(container.id, STOP_GRACE_SECONDS);
    throw error;
  }
  return { id: container.id, address: container.address, exited };
}

async function findImage(parts: BringUpParts, request: BringUpRequest): Promise<ImageInfo> {
  const { engine, settings } = parts;
  const { wanted, signal, onProgress } = request;
  try {
    const reference = resolveImage(wanted.container.Image, settings.images);
    const options = { platform: settings.platform, signal, onProgress };
    const image = await engine.ensureImage(reference, options);
    checkLabel(wanted, image);
    return image;
  } catch (error) {
    if (isEngineAway(error) || error instanceof BringUpError) throw error;
    throw imageFailure(wanted.variant.VariantName, explain(error));
  }
}

function checkLabel({ container }: VariantDeployment, { labels, reference }: ImageInfo): void {
  if (!isMultiModel(container) || labels[MULTI_MODEL_LABEL] === 'true') return;
  throw multiModelLabelFailure(reference, MULTI_MODEL_LABEL);
}

async function prepareMounts(parts: BringUpParts, request: BringUpRequest): Promise<Mount[]> {
  const { artifacts } = parts;
  const { wanted, onProgress } = request;
  if (isMultiModel(wanted.container)) return [await emptyShelf(artifacts, request)];
  const data = modelDataOf(wanted.container);
  const limit = wanted.variant.ModelDataDownloadTimeoutInSeconds;
  const signal =
    limit === undefined
      ? request.signal
      : AbortSignal.any([request.signal, AbortSignal.timeout(limit * 1000)]);
  try {
    const directory = data && (await artifacts.directoryFor(data, { signal, onProgress }));
    return await artifacts.mounts(directory, sourceDirectoryOf(wanted.container));
  } catch (error) {
    throw modelDataFailure(data?.uri ?? '', explain(error));
  }
}

/** Where the models of a multi-model container come, when they are asked for. */
async function emptyShelf(
  artifacts: Artifacts,
  { endpointName, key }: BringUpRequest,
): Promise<Mount> {
  const shelf = artifacts.shelfOf(containerName(endpointName, key));
  await shelf.create();
  return { source: shelf.path, target: MODELS_DIRECTORY };
}

async function startContainer(
  parts: BringUpParts,
  request: BringUpRequest,
  image: ImageInfo,
  mounts: readonly Mount[],
) {
  const { stateId, platform } = parts.settings;
  const { endpointName, key, wanted, region, signal } = request;
  const { ExecutionRoleArn: roleArn, EnableNetworkIsolation: isolated } = wanted;
  const plain = containerSpec({
    stateId,
    endpointName,
    key,
    container: wanted.container,
    image,
    mounts,
    region,
    platform,
    // An isolated container is given no credentials on AWS either.
    access: isolated ? {} : await parts.roleAccess.environmentFor({ roleArn }),
  });
  const debugged = isDebugged(wanted.container);
  const spec = await parts.extras.prepare(debugged ? forDebugging(plain) : plain, image);
  try {
    const container = await parts.engine.start(spec, signal);
    const debuggerAt = container.extraAddresses?.[DEBUGGER_PORT];
    if (debuggerAt) request.onProgress({ activity: debuggerLine(debuggerAt) });
    return container;
  } catch (error) {
    if (isEngineAway(error)) throw error;
    throw startFailure(wanted.variant.VariantName, explain(error));
  }
}

async function awaitReady(
  parts: BringUpParts,
  request: BringUpRequest,
  container: { readonly id: string; readonly address: Address },
  exited: Promise<ExitStatus>,
): Promise<void> {
  const { variant } = request.wanted;
  const seconds =
    variant.ContainerStartupHealthCheckTimeoutInSeconds ?? DEFAULT_STARTUP_TIMEOUT_SECONDS;
  const readiness = await waitUntilReady(container.address, {
    timeoutMs: seconds * 1000,
    signal: request.signal,
    exited,
  });
  if (readiness.ready) return;
  const lines = await lastLines(parts.engine, container.id);
  if (readiness.cause === 'exited') throw exitFailure(variant.VariantName, readiness.status, lines);
  throw pingFailure(variant.VariantName, seconds, readiness.lastAnswer, lines);
}

async function lastLines(engine: ContainerEngine, id: string): Promise<string[]> {
  const lines: string[] = [];
  for await (const some of engine.logs(id, { tail: LAST_LINES }))
    lines.push(...some.map(({ text }) => text));
  return withoutFrames(lines);
}

function explain(error: unknown): string {
  if (error instanceof SmlocalError && error.hint !== undefined)
    return `${error.message} ${error.hint}`;
  return messageOf(error);
}

function debuggerLine({ host, port }: Address): string {
  return `a debugger can attach to ${host}:${port} (debugpy) as soon as the handler is loaded`;
}
