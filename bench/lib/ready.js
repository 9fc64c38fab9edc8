import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { hasImage } from './docker.js';

/**
 * @param {readonly string[]} images
 * @param {readonly string[]} fixtures those whose model archive is needed
 * @throws where something has to be made first
 */
export async function checkReady(images, fixtures) {
  if (!isThere('dist/cli.js')) throw new Error('There is no dist/. Type: npm run build');
  for (const image of images) {
    if (!(await hasImage(image)))
      throw new Error(`There is no image ${image}. Type: scripts/images`);
  }
  for (const fixture of fixtures) {
    if (!isThere(`fixtures/${fixture}/build/model.tar.gz`)) {
      throw new Error(`There is no model of ${fixture}. Type: scripts/models`);
    }
  }
}

/** @param {string} path in the checkout */
function isThere(path) {
  return existsSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)));
}
