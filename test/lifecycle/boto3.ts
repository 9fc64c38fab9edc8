import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { succeed } from '../support/run.js';
import type { Life, Story } from './story.js';

const SCRIPT = fileURLToPath(new URL('life.py', import.meta.url));

/** Lives it with boto3: see life.py. */
export async function liveInPython(
  life: Life,
  clients: string,
  env: Record<string, string>,
): Promise<Story> {
  const input = JSON.stringify(life);
  return JSON.parse(await succeed(join(clients, 'bin', 'python'), [SCRIPT], { env, input }));
}
