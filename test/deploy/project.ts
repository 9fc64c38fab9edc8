import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../support/fixtures.js';
import { Foreground } from '../support/foreground.js';
import { type Ran, run } from '../support/run.js';

export const REGION = 'eu-west-1';

/** A name that SageMaker's own registry has, so that nothing has to be pushed. */
export const AWS_IMAGE =
  '763104351884.dkr.ecr.eu-west-1.amazonaws.com/pytorch-inference:2.6.0-cpu-py312-ubuntu22.04-sagemaker';

/** A user's project with a model, a handler and a config.yml, and the `smlocal` command of this checkout typed in it. */
export class DeployProject {
  readonly folder: string;
  readonly #environment: Record<string, string> = {};

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** @param settings keys of the production block, over the ordinary ones; null leaves one out */
  static async make(settings: Record<string, unknown> = {}): Promise<DeployProject> {
    const project = new DeployProject(await mkdtemp(join(tmpdir(), 'smlocal-deploy-')));
    await mkdir(project.at('model'));
    await mkdir(project.at('src'));
    await project.write('model/weights.bin', 'weights');
    await project.write('src/inference.py', 'def model_fn(model_dir):\n    return None\n');
    await project.configure(settings);
    return project;
  }

  at(path: string): string {
    return join(this.folder, path);
  }

  write(path: string, content: string | Buffer): Promise<void> {
    return writeFile(this.at(path), content);
  }

  copy(from: string, to: string): Promise<void> {
    return cp(from, this.at(to), { recursive: true });
  }

  async configure(settings: Record<string, unknown>): Promise<void> {
    const block = {
      model_name: 'news',
      image: AWS_IMAGE,
      model_data_path: 'file://model',
      source_dir: 'src',
      entry_point: 'inference.py',
      aws_role: 'SageMakerRole',
      instance_type: 'ml.m5.xlarge',
      region: REGION,
      tags: { team: 'search' },
      ...settings,
    };
    const kept = Object.fromEntries(Object.entries(block).filter(([, value]) => value !== null));
    // JSON is YAML.
    const environments = { production: kept, local: { ...kept, instance_type: 'local' } };
    await this.write('config.yml', JSON.stringify({ environments }));
  }

  /** Sets a variable of the user's shell. */
  export(name: string, value: string): void {
    this.#environment[name] = value;
  }

  /** Types `smlocal …` and waits for its end. */
  smlocal(...args: string[]): Promise<Ran> {
    return run(process.execPath, [`${ROOT}dist/cli.js`, ...args], {
      cwd: this.folder,
      env: this.#shell(),
    });
  }

  /** As `smlocal`, for what is to be ended before it ends. */
  start(...args: string[]): Foreground {
    return new Foreground(process.execPath, [`${ROOT}dist/cli.js`, ...args], {
      cwd: this.folder,
      env: this.#shell(),
    });
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }

  /** Nothing of this machine's own AWS settings gets through. */
  #shell(): NodeJS.ProcessEnv {
    return {
      PATH: process.env.PATH,
      HOME: this.folder,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_EC2_METADATA_DISABLED: 'true',
      ...this.#environment,
    };
  }
}
