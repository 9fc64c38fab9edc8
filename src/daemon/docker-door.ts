import type { Config } from '../config/config.js';
import { type EngineDoor, openEngineDoor } from '../containers/engine-door.js';
import type { Logger } from '../log.js';
import type { AwsServices } from '../services/aws.js';
import { acceptPush } from '../services/ecr/push.js';

/**
 * Opens the engine's second door, behind which ECR answers; programs under `smlocal exec` go through it. Undefined where there
 * is none, for want of a Docker engine or of a place: nothing but their pushes depends on it.
 */
export async function openDoor(parts: {
  readonly config: Config;
  readonly aws: AwsServices;
  readonly log: Logger;
}): Promise<EngineDoor | undefined> {
  const { config, aws, log } = parts;
  if (config.engine === 'process') return undefined;
  try {
    return await openEngineDoor({
      push: (target) => acceptPush(target, aws.ecr),
      log,
    });
  } catch (err) {
    log.warn({ err }, 'there is no door to the engine for docker push');
    return undefined;
  }
}
