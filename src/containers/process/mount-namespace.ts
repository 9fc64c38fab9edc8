import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { PYTHON_FILES } from './python.js';

const run = promisify(execFile);

const TRY = `import sys
sys.path.insert(0, sys.argv[1])
from smlocal_launcher import namespace
sys.exit(0 if namespace._new_namespace() else 1)`;

/** Whether a process of this user may have a mount namespace, in which /opt/ml/model is where SageMaker's containers have it. */
export async function canMount(python: string): Promise<boolean> {
  try {
    await run(python, ['-I', '-B', '-c', TRY, PYTHON_FILES]);
    return true;
  } catch {
    return false;
  }
}
