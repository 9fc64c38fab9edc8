import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * Compiles, and makes what the groups need: programs, an engine, images, models. What cannot be made is said; the groups that
 * need it then fail, and say so too.
 * @param {import('../lib/cleanup.js').Cleanup} cleanup stops an engine that was started for them
 * @param {(line: string) => void} say
 */
export function makeReady(cleanup, say) {
  script('prepare', say);
  script('bench-tools', say);
  // Asked here: the script would stop one, too, that somebody else had it start.
  if (spawnSync('docker', ['info'], { stdio: 'ignore' }).status !== 0) {
    if (script('engine', say)) cleanup.add(() => script('engine', say, 'stop'));
  }
  script('images', say);
  script('models', say);
}

/**
 * @param {string} name
 * @param {(line: string) => void} say
 * @param {readonly string[]} args
 */
function script(name, say, ...args) {
  say(`== scripts/${name} ${args.join(' ')}`);
  const file = fileURLToPath(new URL(`../../scripts/${name}`, import.meta.url));
  // What it prints is not a figure.
  const { status } = spawnSync(file, args, { stdio: ['ignore', 2, 2] });
  if (status !== 0) say(`scripts/${name} ended with ${status}; what needs it will fail.`);
  return status === 0;
}
