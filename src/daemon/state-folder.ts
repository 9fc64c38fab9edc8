import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { RECORD_FOLDERS } from '../hosting/records.js';
import { damagedFiles } from '../state/store.js';

/** The folder beside config.yml in which everything is kept. */
const DEFAULT_NAME = '.smlocal';

/** What the folder's .gitignore says; also the mark of a folder that smlocal has made. */
export const IGNORE_EVERYTHING = '*\n';

/** Where the daemon answers and how to prove that one may ask; readable by its user alone. */
export interface DaemonAddress {
  readonly pid: number;
  readonly url: string;
  readonly token: string;
  /** Where the docker command finds the engine with ECR before it, as DOCKER_HOST has it. */
  readonly dockerHost?: string;
  /** What to sign with, where signatures are verified. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** Paths of a state folder, and the few small files in it that are not records. */
export class StateFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = resolve(path);
  }

  /** Makes the folder; nothing in it is meant for a repository. */
  create(): void {
    mkdirSync(this.path, { recursive: true, mode: 0o700 });
    const ignore = join(this.path, '.gitignore');
    if (!existsSync(ignore)) writeFileSync(ignore, IGNORE_EVERYTHING);
  }

  /** Tells its containers from those of other state folders on the same engine. */
  get id(): string {
    const path = existsSync(this.path) ? realpathSync(this.path) : this.path;
    return createHash('sha256').update(path).digest('hex').slice(0, 12);
  }

  records(name: string): string {
    return join(this.path, 'state', name);
  }

  /** State files that were set aside because they were damaged, until someone mends or removes them. */
  damagedFiles(): string[] {
    return RECORD_FOLDERS.map((name) => this.records(name))
      .filter((directory) => existsSync(directory))
      .flatMap(damagedFiles);
  }

  get lockFile(): string {
    return join(this.path, 'lock');
  }

  get logFile(): string {
    return join(this.path, 'daemon.log');
  }

  /** The engine that `engine: auto` was when it was last chosen. */
  get engine(): string | undefined {
    return existsSync(this.#engineFile) ? readFileSync(this.#engineFile, 'utf8') : undefined;
  }

  set engine(name: string) {
    writePrivate(this.#engineFile, name);
  }

  get #engineFile(): string {
    return join(this.path, 'engine');
  }

  writeAddress(address: DaemonAddress): void {
    writePrivate(this.#addressFile, JSON.stringify(address));
  }

  readAddress(): DaemonAddress | undefined {
    try {
      return JSON.parse(readFileSync(this.#addressFile, 'utf8')) as DaemonAddress;
    } catch {
      return undefined; // No daemon has been here, or it was killed as it wrote: either way none can be asked.
    }
  }

  removeAddress(): void {
    rmSync(this.#addressFile, { force: true });
  }

  get #addressFile(): string {
    return join(this.path, 'daemon.json');
  }
}

/** The state folder that was asked for, else `.smlocal` beside the config file, else in the working folder. */
export function stateFolderFor(
  options: { stateDir?: string; config?: string },
  environment: NodeJS.ProcessEnv,
): StateFolder {
  const asked = options.stateDir ?? environment.SMLOCAL_STATE_DIR;
  return new StateFolder(asked || join(dirname(options.config ?? 'config.yml'), DEFAULT_NAME));
}

/** Writes a file that its user alone may read. */
export function writePrivate(file: string, text: string): void {
  // A file that is there keeps its mode, which may be a wider one; this one is made anew.
  const fresh = `${file}.${process.pid}`;
  rmSync(fresh, { force: true });
  writeFileSync(fresh, text, { mode: 0o600, flag: 'wx' });
  renameSync(fresh, file);
}
