import type { Mount } from '../mount.js';
import type { OnProgress } from '../progress.js';

/**
 * The port through which everything above sees containers. `docker.ts` is the one implementation today; nothing outside
 * this folder and the composition root knows which engine runs.
 */

export interface ContainerSpec {
  /** Unique among the engine's containers. */
  readonly name: string;
  /** An image that `ensureImage` has returned (its `reference`). */
  readonly image: string;
  /** Arguments for the image's entry point; SageMaker passes `serve`. */
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly mounts: readonly Mount[];
  readonly labels: Readonly<Record<string, string>>;
  /** The port that the server in the container listens on; it is published on a free port of 127.0.0.1. */
  readonly containerPort: number;
  /** Further ports to publish, each on a free port of 127.0.0.1: a debugger's, say. */
  readonly extraPorts?: readonly number[];
  /** For example `linux/amd64`; the engine's own when absent. */
  readonly platform?: string;
}

/** Where a container's server answers, as seen from this process. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** This machine, as its containers see it. */
export interface HostAddress {
  /** An address of this machine to listen on; as few others as can be reach it. */
  readonly listenOn: string;
  /** The name or address by which containers come there. */
  readonly reachedAs: string;
}

export interface ObservedContainer {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly running: boolean;
  /** Present while it runs. */
  readonly address?: Address;
  /** Where the extra ports were published, by their number in the container; only as `start` returns it. */
  readonly extraAddresses?: Readonly<Record<number, Address>>;
}

export interface ExitStatus {
  /** As the engine gives it: 137 is SIGKILL, 143 SIGTERM. */
  readonly exitCode: number;
  /** True where the kernel ended it for want of memory. */
  readonly outOfMemory: boolean;
}

export interface ImageInfo {
  /** What to put in `ContainerSpec.image`. */
  readonly reference: string;
  /** The image's own id, `sha256:…`. */
  readonly id: string;
  /** `repository@sha256:…` where the engine knows one, else `repository@<id>`; DescribeEndpoint's `ResolvedImage`. */
  readonly resolved: string;
  readonly labels: Readonly<Record<string, string>>;
  /** What the image sets itself. */
  readonly environment: Readonly<Record<string, string>>;
  /** For example `amd64`. */
  readonly architecture: string;
}

/** An image that the engine has. */
export interface EngineImage {
  /** `sha256:…` */
  readonly id: string;
  /** Every name that it has, with tag. */
  readonly names: readonly string[];
  /** `repository@sha256:…`, for each registry that it was pulled from or pushed to. */
  readonly digests: readonly string[];
  readonly bytes: number;
  readonly created: Date;
}

export interface LogLine {
  readonly stream: 'stdout' | 'stderr';
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  /** Without its line end. */
  readonly text: string;
}

/** What a command that was run inside a container printed, and how it ended. */
export interface CommandResult {
  readonly exitCode: number;
  readonly output: string;
}

/** What a running container takes of its machine. */
export interface ContainerUsage {
  /** Processor time of all cores since it began, in seconds. */
  readonly cpuSeconds: number;
  readonly memoryBytes: number;
  /** The most memory that it may take. */
  readonly memoryLimitBytes: number;
  /** The disk that it writes to, all that is on it included; absent where the engine's disk is not this machine's. */
  readonly disk?: { readonly usedBytes: number; readonly totalBytes: number };
}

export interface ContainerEngine {
  /** One line that names the engine and its version. @throws SmlocalError (exit code `noEngine`) where none answers. */
  describe(signal?: AbortSignal): Promise<string>;

  /**
   * Finds the image locally, or pulls it (logging in to ECR with the user's AWS credentials where it is an ECR image).
   * @throws SmlocalError whose hint says what to type where it cannot be had.
   */
  ensureImage(
    reference: string,
    options?: {
      platform?: string;
      signal?: AbortSignal;
      onProgress?: OnProgress;
    },
  ): Promise<ImageInfo>;

  /** Every image that the engine has under a name; none where it has no images. */
  images(): Promise<EngineImage[]>;

  /**
   * Creates and starts a container. Where the start fails nothing is left behind. One that has ended before its port could
   * be read comes back with port 0, where nothing answers; `waitForExit` and `logs` tell why.
   */
  start(
    spec: ContainerSpec,
    signal?: AbortSignal,
  ): Promise<ObservedContainer & { address: Address }>;

  /** Every container, stopped ones included, that carries all of these labels. */
  list(labels: Readonly<Record<string, string>>): Promise<ObservedContainer[]>;

  /**
   * Resolves when the container has ended, at once if it has already, with exit code -1 if it is gone; rejects when
   * `signal` aborts.
   */
  waitForExit(id: string, signal?: AbortSignal): Promise<ExitStatus>;

  /** Where a server of this machine may listen for containers to reach it: the first that it can listen on. */
  hostAddresses(): Promise<readonly HostAddress[]>;

  /** SIGTERM, then SIGKILL after `graceSeconds`. Stopping what is stopped or gone is no error. */
  stop(id: string, graceSeconds: number): Promise<void>;

  /** Runs a command inside a running container, as the container's own user, and waits for its end. */
  exec(id: string, command: readonly string[], signal?: AbortSignal): Promise<CommandResult>;

  /** What it takes of the machine now; undefined where it does not run, or nobody can tell. */
  usage(id: string): Promise<ContainerUsage | undefined>;

  /** Removes a container, running or not, with its anonymous volumes. Removing what is gone is no error. */
  remove(id: string): Promise<void>;

  /** Removes a volume of this name. @returns whether there is none now: one that a container uses stays */
  removeVolume(name: string): Promise<boolean>;

  /**
   * The container's output in order, some lines at a time: those that came together. Ends at the last line, or with the
   * container when `follow` is set.
   */
  logs(
    id: string,
    options?: { tail?: number; follow?: boolean; signal?: AbortSignal },
  ): AsyncIterable<readonly LogLine[]>;
}
