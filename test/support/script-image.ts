import { BASE_IMAGE, docker } from '../containers/test-image.js';

/** Makes an image in which a shell script serves; a real one, but for what it does when it is started. */
export async function makeScriptImage(name: string, script: string): Promise<void> {
  const container = await docker('create', BASE_IMAGE, 'true');
  try {
    const entryPoint = JSON.stringify(['sh', '-c', script, 'sh']);
    await docker('commit', '--change', `ENTRYPOINT ${entryPoint}`, container, name);
  } finally {
    await docker('rm', container);
  }
}
