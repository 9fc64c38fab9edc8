import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * The docker command, because a bare `docker run` is what is compared with.
 * @param {...string} args
 */
export async function docker(...args) {
  const { stdout } = await run('docker', args, { maxBuffer: 16 * 1024 * 1024 });
  return stdout.trim();
}

/** @param {string} image */
export async function hasImage(image) {
  try {
    await docker('image', 'inspect', '--format', '{{.Id}}', image);
    return true;
  } catch {
    return false;
  }
}

/**
 * How an endpoint's one container was made, as arguments of `docker run`: the same mounts and the same environment.
 * @param {string} endpointName
 */
export async function runArgumentsOf(endpointName) {
  const id = await docker('ps', '--quiet', '--filter', `label=smlocal.endpoint=${endpointName}`);
  const [{ Mounts, Config }] = JSON.parse(await docker('inspect', id));
  return [
    ...Mounts.flatMap((mount) => ['--volume', `${mount.Source}:${mount.Destination}:ro`]),
    ...Config.Env.flatMap((pair) => ['--env', pair]),
  ];
}
