import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** nginx, wrk and moto; installed where they are missing. */
export function makeReadyForNginx() {
  run('bench-tools');
}

/** moto alone. */
export function makeReadyForMoto() {
  run('python-clients');
}

/** @param {string} script */
function run(script) {
  const file = fileURLToPath(new URL(`../../scripts/${script}`, import.meta.url));
  // What it prints is not a figure of ours.
  execFileSync(file, { stdio: ['ignore', 'ignore', 'inherit'] });
}
