import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { create } from 'tar';
import { ROOT } from '../support/fixtures.js';
import { type Ran, run, succeed } from '../support/run.js';

const HANDLER = fileURLToPath(new URL('handler', import.meta.url));

/** A program that hangs ends before the test does, so that the test can say what it had printed. */
const PROGRAM_MS = 150_000;

/**
 * A user's folder in which smlocal runs, with `code/` (a handler), `model/` (a factor, 2), and two archives of the model:
 * `model.tar.gz` alone and `packed.tar.gz` with the handler in it.
 */
export class UserProject {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** @param config what config.yml says */
  static async start(config: object, ...flags: string[]): Promise<UserProject> {
    const project = new UserProject(await mkdtemp(join(tmpdir(), 'smlocal-clients-')));
    try {
      await project.#fill(config);
      const up = ['up', '--detach', '--port', '0', ...flags];
      const { code, stderr, stdout } = await project.smlocal(up);
      if (code !== 0) throw new Error(`smlocal up ended with ${code}:\n${stdout}${stderr}`);
      return project;
    } catch (error) {
      await project.remove();
      throw error;
    }
  }

  at(...path: string[]): string {
    return join(this.folder, ...path);
  }

  /** Types `smlocal …`. Of this machine's environment it has the path alone. */
  smlocal(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Ran> {
    return run(process.execPath, [`${ROOT}dist/cli.js`, ...args], {
      cwd: this.folder,
      env: { PATH: process.env.PATH, HOME: this.folder, ...environment },
      timeoutMs: PROGRAM_MS,
    });
  }

  /** What a program prints that is run by `smlocal exec`. @throws where it fails */
  async exec(command: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<string> {
    return printed(command, await this.smlocal(['exec', '--', ...command], environment));
  }

  /** What a program prints in a shell that took up `smlocal env`. @throws where it fails */
  async inShell(command: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<string> {
    const line = `eval "$("$NODE" "$CLI" env --shell bash)"; exec "$@"`;
    const ran = await run('bash', ['-c', line, 'bash', ...command], {
      cwd: this.folder,
      env: {
        ...{ PATH: process.env.PATH, HOME: this.folder, ...environment },
        ...{ NODE: process.execPath, CLI: `${ROOT}dist/cli.js` },
      },
      timeoutMs: PROGRAM_MS,
    });
    return printed(command, ran);
  }

  /** Ends what runs here, and the folder. */
  async remove(): Promise<void> {
    await this.smlocal(['down', '--force']);
    await rm(this.folder, { recursive: true, force: true });
  }

  async #fill(config: object): Promise<void> {
    // JSON is YAML.
    await writeFile(this.at('config.yml'), JSON.stringify(config));
    await mkdir(this.at('model'));
    await writeFile(this.at('model', 'factor.json'), '2');
    await cp(HANDLER, this.at('code'), { recursive: true });
    await cp(HANDLER, this.at('model', 'code'), { recursive: true });
    const archive = (file: string, members: string[]) =>
      create({ gzip: true, file: this.at(file), cwd: this.at('model') }, members);
    await archive('packed.tar.gz', ['factor.json', 'code']);
    await archive('model.tar.gz', ['factor.json']);
  }
}

function printed(command: readonly string[], { code, stdout, stderr }: Ran): string {
  if (code === 0) return stdout;
  throw new Error(`${command.join(' ')} ended with ${code}:\n${stdout}\n${stderr}`);
}

export type SdkClient = 'sagemaker-2' | 'sagemaker-3' | 'go' | 'java';

/** Makes a client ready where it is not. @returns the folder in which `scripts/sdk-clients` keeps what it makes */
export async function sdkClient(name: SdkClient): Promise<string> {
  await succeed(`${ROOT}scripts/sdk-clients`, [name], { timeoutMs: 580_000 });
  return `${ROOT}.cache`;
}
