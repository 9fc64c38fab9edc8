import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { StateFolder } from '../../src/daemon/state-folder.js';
import { type Fixture, FLASK, PYTORCH, unpackInto } from './fixtures.js';
import { Foreground } from './foreground.js';
import { type Ran, run } from './run.js';
import { containersOf } from './test-daemon.js';

/** A user's project folder outside the checkout, and the `smlocal` command typed in it. */
export class Project {
  readonly folder: string;
  readonly #command: string;

  private constructor(command: string, folder: string) {
    this.#command = command;
    this.folder = folder;
  }

  /** A project whose one endpoint, `tagger`, is up within a second. */
  static async withTagger(command: string, changes: Record<string, string> = {}): Promise<Project> {
    const project = await Project.#make(command);
    await project.#writeConfig('tagger', FLASK, changes);
    return project;
  }

  /** A project with a handler of the user's own: the endpoint `classifier`, its code in `src`. */
  static async withHandler(command: string): Promise<Project> {
    const project = await Project.#make(command);
    await unpackInto(join(project.folder, 'unpacked'), PYTORCH);
    await cp(join(project.folder, 'unpacked', 'code'), join(project.folder, 'src'), {
      recursive: true,
    });
    const code = { source_dir: 'src', entry_point: 'inference.py' };
    await project.#writeConfig('classifier', PYTORCH, code);
    return project;
  }

  static async #make(command: string): Promise<Project> {
    return new Project(command, await mkdtemp(join(tmpdir(), 'smlocal-project-')));
  }

  get state(): StateFolder {
    return new StateFolder(join(this.folder, '.smlocal'));
  }

  /** Types `smlocal …` and waits for its end. */
  smlocal(args: readonly string[], input?: string | Buffer): Promise<Ran> {
    return run(this.#command, args, { cwd: this.folder, env: environment(), input });
  }

  /** Types `smlocal up …`, which goes on. */
  up(...args: string[]): Foreground {
    return new Foreground(this.#command, ['up', '--port', '0', ...args], {
      cwd: this.folder,
      env: environment(),
    });
  }

  containers(): Promise<string[]> {
    return containersOf(this.state.id);
  }

  /** Ends whatever runs here, and the folder. */
  async remove(): Promise<void> {
    await this.smlocal(['down', '--force']);
    await rm(this.folder, { recursive: true });
  }

  async #writeConfig(name: string, fixture: Fixture, changes: Record<string, string>) {
    await cp(fixture.archive, join(this.folder, basename(fixture.archive)));
    const settings = {
      model_name: name,
      instance_type: 'local',
      image: fixture.image,
      model_data_path: `file://${basename(fixture.archive)}`,
      ...changes,
    };
    const lines = Object.entries(settings).map(([key, value]) => `    ${key}: ${value}\n`);
    await writeFile(join(this.folder, 'config.yml'), `environments:\n  local:\n${lines.join('')}`);
  }
}

/** The user's, without what points smlocal elsewhere. */
function environment(): NodeJS.ProcessEnv {
  const { SMLOCAL_STATE_DIR: _, ...rest } = process.env;
  return rest;
}
