import { randomBytes } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { arch } from 'node:os';
import { join } from 'node:path';
import { SmlocalError } from '../../errors.js';
import type { Logger } from '../../log.js';
import type {
  Address,
  CommandResult,
  ContainerEngine,
  ContainerSpec,
  ContainerUsage,
  EngineImage,
  ExitStatus,
  ImageInfo,
  LogLine,
  ObservedContainer,
} from '../engine.js';
import { memoryLimit } from '../hardening.js';
import { diskOf } from '../usage.js';
import { launchOrder, requirementsOf } from './launch-order.js';
import { Packages } from './packages.js';
import { usageBelow } from './process-usage.js';
import { findPython, type Python } from './python.js';
import { ReservedPorts } from './reserved-ports.js';
import { ServingProcess } from './serving-process.js';

const LOOPBACK = '127.0.0.1';

export interface ProcessEngineOptions {
  readonly stateDir: string;
  readonly log: Logger;
}

/** What is known of one process that stands for a container. */
interface Entry {
  readonly observed: ObservedContainer & { address: Address };
  readonly process: ServingProcess;
  readonly directory: string;
  readonly reserved: ReservedPorts;
}

/**
 * Serves without containers: each is a process of this machine, under a launcher that ends it with the daemon. Images are
 * only names here; what runs is the user's own Python, or the command that `command:` of config.yml names.
 */
export class ProcessEngine implements ContainerEngine {
  readonly #folder: string;
  readonly #log: Logger;
  readonly #packages: Packages;
  readonly #pythons = new Map<string | undefined, Python>();
  readonly #entries = new Map<string, Entry>();

  constructor({ stateDir, log }: ProcessEngineOptions) {
    this.#folder = join(stateDir, 'processes');
    this.#log = log;
    this.#packages = new Packages(join(stateDir, 'packages'));
    // Processes end with their daemon: what one that was killed has left are empty folders.
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async describe(signal?: AbortSignal): Promise<string> {
    const { version, executable } = await this.#python(undefined, signal);
    return `local processes (Python ${version} at ${executable})`;
  }

  /** Looked for once: to ask an interpreter takes a tenth of a second. */
  async #python(wanted: string | undefined, signal: AbortSignal | undefined): Promise<Python> {
    const known = this.#pythons.get(wanted);
    if (known !== undefined && existsSync(known.executable)) return known;
    const found = await findPython(wanted, signal);
    this.#pythons.set(wanted, found);
    return found;
  }

  /** A Python that a model names and that is not there is that model's fault: the engine is no less there for it. */
  async #pythonFor({ environment }: ContainerSpec, signal: AbortSignal | undefined) {
    const wanted = environment.SMLOCAL_PYTHON;
    try {
      return await this.#python(wanted, signal);
    } catch (error) {
      if (wanted === undefined || !(error instanceof SmlocalError)) throw error;
      throw new SmlocalError(error.message, { hint: error.hint, cause: error });
    }
  }

  async ensureImage(reference: string): Promise<ImageInfo> {
    return {
      reference,
      id: 'process',
      resolved: reference,
      // It is told its port, as images with this label are.
      labels: {
        'com.amazonaws.sagemaker.capabilities.accept-bind-to-port': 'true',
        // Our own host has that API; a server of the user's must bring it.
        'com.amazonaws.sagemaker.capabilities.multi-models': 'true',
      },
      environment: {},
      architecture: arch() === 'x64' ? 'amd64' : arch(),
    };
  }

  async images(): Promise<EngineImage[]> {
    return [];
  }

  async start(
    spec: ContainerSpec,
    signal?: AbortSignal,
  ): Promise<ObservedContainer & { address: Address }> {
    for (const { source, volume } of spec.mounts) {
      if (volume !== true && !existsSync(source))
        throw new SmlocalError(`bind source path does not exist: ${source}`);
    }
    const found = await this.#pythonFor(spec, signal);
    const python = await this.#packages.pythonFor(found, requirementsOf(spec), signal);
    const id = randomBytes(16).toString('hex');
    const directory = join(this.#folder, id);
    await mkdir(directory, { recursive: true });
    const reserved = await ReservedPorts.reserve([spec.containerPort, ...(spec.extraPorts ?? [])]);
    if (signal?.aborted) reserved.release();
    signal?.throwIfAborted();
    const ports = reserved.numbers;
    const address = { host: LOOPBACK, port: ports.get(spec.containerPort) ?? 0 };
    const order = launchOrder(spec, python, directory, ports);
    const process = new ServingProcess(python.executable, order);
    const observed = {
      id,
      name: spec.name,
      labels: spec.labels,
      running: true,
      address,
      extraAddresses: Object.fromEntries(
        [...ports].map(([port, host]) => [port, { host: LOOPBACK, port: host }]),
      ),
    };
    this.#entries.set(id, { observed, process, directory, reserved });
    this.#log.debug({ container: spec.name, id }, 'started a process');
    return observed;
  }

  async list(labels: Readonly<Record<string, string>>): Promise<ObservedContainer[]> {
    const wanted = Object.entries(labels);
    return [...this.#entries.values()]
      .filter(({ observed }) => wanted.every(([name, value]) => observed.labels[name] === value))
      .map(({ observed, process }) => ({ ...observed, running: process.running }));
  }

  async waitForExit(id: string, signal?: AbortSignal): Promise<ExitStatus> {
    signal?.throwIfAborted();
    const entry = this.#entries.get(id);
    if (entry === undefined) return VANISHED;
    return signal === undefined ? entry.process.exited : orAborted(entry.process.exited, signal);
  }

  async hostAddresses() {
    return [{ listenOn: LOOPBACK, reachedAs: LOOPBACK }];
  }

  async stop(id: string, graceSeconds: number): Promise<void> {
    await this.#entries.get(id)?.process.stop(graceSeconds);
  }

  async usage(id: string): Promise<ContainerUsage | undefined> {
    const { pid, running } = this.#entries.get(id)?.process ?? {};
    if (!running || pid === undefined) return undefined;
    const used = await usageBelow(pid);
    if (used === undefined) return undefined;
    return { ...used, memoryLimitBytes: memoryLimit(), disk: await diskOf(this.#folder) };
  }

  /** Nothing can be run inside of a process; who asks takes the next dearer way. */
  async exec(): Promise<CommandResult> {
    return { exitCode: NOT_POSSIBLE, output: '' };
  }

  async remove(id: string): Promise<void> {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    await entry.process.kill();
    entry.reserved.release();
    this.#entries.delete(id);
    await rm(entry.directory, { recursive: true, force: true });
  }

  /** Processes have no volumes. */
  async removeVolume(): Promise<boolean> {
    return true;
  }

  async *logs(
    id: string,
    options?: { tail?: number; follow?: boolean; signal?: AbortSignal },
  ): AsyncGenerator<readonly LogLine[]> {
    const entry = this.#entries.get(id);
    if (entry === undefined) throw new SmlocalError(`No such container: ${id}`);
    yield* entry.process.output.read(options);
  }
}

/** How one that was removed before it could be asked has ended. */
const VANISHED: ExitStatus = { exitCode: -1, outOfMemory: false };

/** As a shell has it: found, and cannot be executed. */
const NOT_POSSIBLE = 126;

function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
