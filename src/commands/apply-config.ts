import type { Config } from '../config/config.js';
import type { Daemon } from '../daemon/daemon.js';
import { applyManifest, removeUndescribed } from '../deploy/apply.js';
import { locally } from '../deploy/locally.js';
import { manifestOf } from '../deploy/manifest.js';
import { messageOf, ServiceError } from '../errors.js';
import type { Terminal } from './terminal.js';

/**
 * Makes the daemon's endpoints what the config describes. One that cannot be applied is said and left out; the others go
 * on.
 *
 * @returns a line for each that could not be applied
 */
export async function applyConfig(
  daemon: Daemon,
  config: Config,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<string[]> {
  const described = new Set(config.endpoints.map(({ endpointName }) => endpointName));
  for (const name of await removeUndescribed(daemon.control, described, signal)) {
    terminal.line(`${name}: deleting, for config.yml no longer describes it`);
  }
  const outcomes = await Promise.all(
    config.endpoints.map(async (settings) => {
      try {
        const { settings: taken, notes } = locally(settings);
        for (const note of notes) terminal.line(`${settings.endpointName}: ${note}`);
        const manifest = manifestOf(taken, config.accountId);
        const done = await applyManifest(daemon.control, manifest, signal);
        if (done === 'unchanged') terminal.line(`${settings.endpointName}: unchanged`);
        return [];
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
        const why = daemon.mask(messageOf(error));
        const fault = `${settings.endpointName}: could not be applied: ${why}`;
        terminal.line(fault);
        return [fault];
      }
    }),
  );
  return outcomes.flat();
}
