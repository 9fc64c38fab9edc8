import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../support/fixtures.js';
import { run, succeed } from '../support/run.js';

const TOOLKIT = 'sagemaker-inference==1.10.1';

const hasToolkit = async (python: string): Promise<boolean> => {
  const look = ['-c', 'import sagemaker_inference.transformer'];
  return run(python, look).then(
    ({ code }) => code === 0,
    () => false,
  );
};

/** A Python with SageMaker's own inference toolkit; one is made where there is none. */
export async function toolkitPython(): Promise<string> {
  const own = join(tmpdir(), 'smlocal-toolkit');
  const made = join(own, 'bin', 'python');
  for (const python of [`${ROOT}.cache/python-clients/bin/python`, 'python3', made]) {
    if (await hasToolkit(python)) return python;
  }
  if (!existsSync(made)) await succeed('python3', ['-m', 'venv', own]);
  await succeed(made, ['-m', 'pip', 'install', '--quiet', '--no-input', TOOLKIT]);
  return made;
}
