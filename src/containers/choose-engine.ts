import { ExitCode, SmlocalError } from '../errors.js';
import type { ContainerEngine } from './engine.js';

/** `engine:` of config.yml. */
export type EngineChoice = 'auto' | 'docker' | 'process';

export interface Engines {
  readonly docker: ContainerEngine;
  readonly process: ContainerEngine;
}

/** What outlasts the daemon of the choice that it made. */
export interface ChoiceMemory {
  /** Whether there are endpoints that Docker has served. */
  needsDocker(): boolean;
  chose(engine: keyof Engines): void;
}

/**
 * The engine that the choice means. With `auto` that is Docker where one answers when the daemon first asks, or is the one
 * that has served the endpoints which there are, and else local processes; it stays what it was then, for what one engine
 * runs the other does not know.
 */
export function chooseEngine(
  choice: EngineChoice,
  engines: Engines,
  memory: ChoiceMemory,
): ContainerEngine {
  return choice === 'auto' ? new FirstThatAnswers(engines, memory) : engines[choice];
}

class FirstThatAnswers implements ContainerEngine {
  readonly #engines: Engines;
  readonly #memory: ChoiceMemory;
  #chosen: Promise<{ engine: ContainerEngine; because: string }> | undefined;

  constructor(engines: Engines, memory: ChoiceMemory) {
    this.#engines = engines;
    this.#memory = memory;
  }

  async describe(signal?: AbortSignal): Promise<string> {
    const { engine, because } = await this.#choose(signal);
    return `${await engine.describe(signal)}${because}`;
  }

  async ensureImage(...args: Parameters<ContainerEngine['ensureImage']>) {
    return (await this.#engine()).ensureImage(...args);
  }

  async images() {
    return (await this.#engine()).images();
  }

  async start(...args: Parameters<ContainerEngine['start']>) {
    return (await this.#engine()).start(...args);
  }

  async list(...args: Parameters<ContainerEngine['list']>) {
    return (await this.#engine()).list(...args);
  }

  async waitForExit(...args: Parameters<ContainerEngine['waitForExit']>) {
    return (await this.#engine()).waitForExit(...args);
  }

  async hostAddresses() {
    return (await this.#engine()).hostAddresses();
  }

  async stop(...args: Parameters<ContainerEngine['stop']>) {
    return (await this.#engine()).stop(...args);
  }

  async exec(...args: Parameters<ContainerEngine['exec']>) {
    return (await this.#engine()).exec(...args);
  }

  async usage(...args: Parameters<ContainerEngine['usage']>) {
    return (await this.#engine()).usage(...args);
  }

  async remove(...args: Parameters<ContainerEngine['remove']>) {
    return (await this.#engine()).remove(...args);
  }

  async removeVolume(...args: Parameters<ContainerEngine['removeVolume']>) {
    return (await this.#engine()).removeVolume(...args);
  }

  async *logs(...args: Parameters<ContainerEngine['logs']>) {
    yield* (await this.#engine()).logs(...args);
  }

  async #engine(): Promise<ContainerEngine> {
    return (await this.#choose()).engine;
  }

  /** Asks once; a question that was given up is asked again. */
  #choose(signal?: AbortSignal) {
    this.#chosen ??= this.#ask(signal).catch((error: unknown) => {
      this.#chosen = undefined;
      throw error;
    });
    return this.#chosen;
  }

  async #ask(signal?: AbortSignal) {
    const { docker, process } = this.#engines;
    try {
      await docker.describe(signal);
      this.#memory.chose('docker');
      return { engine: docker, because: '' };
    } catch (error) {
      const none = error instanceof SmlocalError && error.exitCode === ExitCode.noEngine;
      if (!none || this.#memory.needsDocker()) throw none ? waitingFor(error) : error;
      this.#memory.chose('process');
      return { engine: process, because: `, for: ${error.message}` };
    }
  }
}

function waitingFor(error: SmlocalError): SmlocalError {
  return new SmlocalError(`${error.message} The endpoints here were served by it.`, {
    hint: `${error.hint ?? 'Start it.'} Or have local processes serve them: smlocal down, then smlocal up --engine process`,
    exitCode: ExitCode.noEngine,
    cause: error,
  });
}
