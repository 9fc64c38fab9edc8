import type { EndpointSettings } from '../config/config.js';
import { LOCAL, loadConfig } from '../config/load.js';
import { stateFolderFor } from '../daemon/state-folder.js';
import { environmentDiff, type Side } from '../deploy/environment-diff.js';
import { endpointsOf, packageHere } from '../deploy-env/prepare.js';
import { ExitCode } from '../errors.js';
import { interruptible } from './interruption.js';

export interface DiffOptions {
  readonly config?: string;
  readonly stateDir?: string;
  readonly env?: string;
}

const PRODUCTION = 'production';

/** `smlocal diff`: what an endpoint is here and in another environment, by config.yml. Nobody else is asked. */
export async function diff(
  endpointName: string | undefined,
  options: DiffOptions,
): Promise<ExitCode> {
  const other = options.env ?? PRODUCTION;
  const [here, there] = [LOCAL, other].map((name) => {
    const config = loadConfig(options.config, process.env, name);
    return { name, config, endpoints: endpointsOf(config, name, undefined) };
  }) as [Environment, Environment];
  const folder = stateFolderFor(options, process.env);
  folder.create();
  const { signal, dispose } = interruptible(() => {});
  try {
    for (const [one, another] of pairs(here, there, endpointName)) {
      const sideOf = async (settings: EndpointSettings): Promise<Side> => ({
        settings,
        digest: (await packageHere(settings, { config: here.config, folder, signal }))?.digest,
      });
      process.stdout.write(`${one?.endpointName ?? another?.endpointName}: ${LOCAL} → ${other}\n`);
      if (one === undefined || another === undefined) {
        process.stdout.write(`  only in ${one === undefined ? other : LOCAL}\n`);
        continue;
      }
      const found = environmentDiff(await sideOf(one), await sideOf(another));
      const lines = found.map((row) => `  ${row.what}: ${row.one} → ${row.other}\n`);
      process.stdout.write(lines.length === 0 ? '  no difference\n' : lines.join(''));
    }
    return ExitCode.ok;
  } finally {
    dispose();
  }
}

interface Environment {
  readonly name: string;
  readonly config: ReturnType<typeof loadConfig>;
  readonly endpoints: readonly EndpointSettings[];
}

type Pair = readonly [EndpointSettings | undefined, EndpointSettings | undefined];

/** Endpoints of one name, or the only one of each: they may be called otherwise there. */
function pairs(here: Environment, there: Environment, endpointName: string | undefined): Pair[] {
  const [[first, ...more], [second, ...others]] = [here.endpoints, there.endpoints];
  if (more.length === 0 && others.length === 0 && endpointName === undefined) {
    return [[first, second]];
  }
  const names = new Set([...here.endpoints, ...there.endpoints].map((one) => one.endpointName));
  const wanted = [...names].filter((name) => endpointName === undefined || name === endpointName);
  if (wanted.length === 0) endpointsOf(here.config, here.name, endpointName);
  const find = ({ endpoints }: Environment, name: string) =>
    endpoints.find((one) => one.endpointName === name);
  return wanted.map((name) => [find(here, name), find(there, name)] as const);
}
