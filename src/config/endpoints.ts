import type { EndpointSettings } from './config.js';
import { endpointSettings } from './endpoint-settings.js';
import { inherit, type Level } from './inherit.js';
import type { Fault, Places } from './places.js';
import type { ConfigFile, EndpointBlock, EnvironmentBlock } from './schema.js';

/** The block whose keys every other has, unless it says otherwise. */
export const SHARED = 'default';

interface Context {
  readonly config: ConfigFile;
  readonly places: Places;
  /** The environment's name. */
  readonly name: string;
  /** What the file's paths are relative to. */
  readonly directory: string;
  readonly region: string;
}

/**
 * The endpoints of an environment: those under `endpoints:`, of the file or of the environment's block, whose values they
 * inherit; a block with no `endpoints:` is itself one, if it names an image.
 *
 * @throws SmlocalError with a line for each fault
 */
export function endpointsOf(context: Context): EndpointSettings[] {
  const faults: Fault[] = [];
  const levels = environmentLevels(context.config, context.name);
  const named = namedBlocks(context.config, context.name);
  const settings = [...named].flatMap(([key, level]) => {
    const block = inherit([...levels, level], context.places, faults);
    return endpointSettings({ ...context, block, key, path: level.path }, faults) ?? [];
  });
  if (named.size === 0) settings.push(...onlyEndpoint(context, levels, faults));
  if (faults.length > 0) throw context.places.refusal(faults);
  return settings;
}

function onlyEndpoint(context: Context, levels: readonly Level[], faults: Fault[]) {
  const block = inherit(levels, context.places, faults);
  if (block.image === undefined && block.framework === undefined) return [];
  const path = levels.at(-1)?.path ?? [];
  const only = endpointSettings({ ...context, block, key: undefined, path }, faults);
  return only === undefined ? [] : [only];
}

/** The environment's keys that are an endpoint's, those of `default` before its own. */
function environmentLevels({ environments = {} }: ConfigFile, name: string): Level[] {
  return [...new Set([SHARED, name])].flatMap((one) => {
    const block = environments[one];
    return block === undefined ? [] : [{ block: endpointKeys(block), path: ['environments', one] }];
  });
}

function endpointKeys(block: EnvironmentBlock): EndpointBlock {
  const { endpoints: _, bucket: __, aws_profile, account, region, keep_versions, ...keys } = block;
  return keys;
}

function namedBlocks(config: ConfigFile, name: string): Map<string, Level> {
  const { environments = {} } = config;
  const holder = environments[name]?.endpoints === undefined ? SHARED : name;
  const groups: [Record<string, EndpointBlock> | undefined, string[]][] = [
    [config.endpoints, ['endpoints']],
    [environments[holder]?.endpoints, ['environments', holder, 'endpoints']],
  ];
  return new Map(
    groups.flatMap(([blocks = {}, path]) =>
      Object.entries(blocks).map(([key, block]): [string, Level] => [
        key,
        { block, path: [...path, key] },
      ]),
    ),
  );
}
