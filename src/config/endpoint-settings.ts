import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { EndpointSettings, VariantSettings } from './config.js';
import type { EndpointBlock, VariantBlock } from './endpoint-schema.js';
import { FrameworkFault, frameworkImage } from './frameworks.js';
import type { Fault } from './places.js';
import { testSettings } from './test-settings.js';

/** The instance type of an endpoint that names none: this machine. */
export const LOCAL_INSTANCE = 'local';

interface Described {
  /** The endpoint's keys, inherited ones among them. */
  readonly block: EndpointBlock;
  /** Its key under `endpoints:`. */
  readonly key: string | undefined;
  /** Where it stands. */
  readonly path: readonly string[];
  readonly directory: string;
  readonly region: string;
}

/** An endpoint as its block describes it; undefined where that has faults, which are added to the list. */
export function endpointSettings(
  described: Described,
  faults: Fault[],
): EndpointSettings | undefined {
  const { block, key, path, directory } = described;
  const endpointName = block.endpoint_name ?? key ?? block.model_name;
  const image = imageOf(described, faults);
  if (endpointName === undefined) faults.push(missing(path, 'model_name'));
  if (endpointName === undefined || image === undefined) return undefined;
  return {
    endpointName,
    modelName: block.model_name ?? endpointName,
    image,
    modelDataUrl: modelDataUrl(block.model_data_path, directory),
    ...multiModelOf(block, path, faults),
    sourceDirectory:
      block.source_dir === undefined ? undefined : resolve(directory, block.source_dir),
    entryPoint: block.entry_point,
    environment: strings(block.environment),
    roleName: block.aws_role,
    variants: variantsOf(block),
    tags: strings(block.tags),
    ...extrasOf(block),
    tests: testSettings(block.tests, { path, directory }, faults),
    python: block.python?.includes('/') ? resolve(directory, block.python) : block.python,
    command: block.command,
    debug: block.debug ?? false,
    reload: block.reload,
  };
}

/** What goes with `mode: MultiModel`, and what does not. */
function multiModelOf(block: EndpointBlock, path: readonly string[], faults: Fault[]) {
  const at = path.join('.');
  if (block.mode !== 'MultiModel') {
    if (block.model_cache_setting !== undefined) {
      const message = `${at} has model_cache_setting, which is for "mode: MultiModel" only`;
      faults.push({ path: [...path, 'model_cache_setting'], message });
    }
    return {};
  }
  if (block.model_data_path === undefined) {
    const message = `${at} has mode MultiModel and no model_data_path; add "model_data_path: …", the folder of the archives`;
    faults.push({ path: [...path, 'mode'], message });
  }
  const serverless = variantsOf(block).some((variant) => variant.serverless !== undefined);
  const excluded = {
    source_dir: block.source_dir !== undefined && 'each archive has its own code',
    debug: block.debug === true && 'smlocal does not debug these',
    serverless: serverless && 'SageMaker has no such endpoints',
  };
  for (const [key, why] of Object.entries(excluded)) {
    const message = `${at} has both mode MultiModel and ${key}: ${why}`;
    if (why !== false) faults.push({ path, message });
  }
  return { multiModel: { cacheSetting: block.model_cache_setting ?? ('Enabled' as const) } };
}

function extrasOf({ async, data_capture, vpc, kms_key }: EndpointBlock) {
  return {
    ...(async === undefined ? {} : { async }),
    ...(data_capture === undefined ? {} : { dataCapture: data_capture }),
    ...(vpc === undefined ? {} : { vpc }),
    ...(kms_key === undefined ? {} : { kmsKey: kms_key }),
  };
}

const ONLY_VARIANT = 'AllTraffic';

function variantsOf(block: EndpointBlock): VariantSettings[] {
  const named = Object.entries(block.variants ?? { [ONLY_VARIANT]: {} });
  return named.map(([name, own]) => variantOf(name, block, own));
}

/** A variant has what its endpoint says and it does not; instances and serverless take each other's place. */
function variantOf(name: string, block: EndpointBlock, own: VariantBlock): VariantSettings {
  const ownInstances = own.instance_type !== undefined || own.initial_instance_count !== undefined;
  const serverless = own.serverless ?? (ownInstances ? undefined : block.serverless);
  return {
    name,
    weight: own.initial_variant_weight ?? 1,
    ...(serverless === undefined
      ? {
          instanceType: own.instance_type ?? block.instance_type ?? LOCAL_INSTANCE,
          instanceCount: own.initial_instance_count ?? block.initial_instance_count ?? 1,
        }
      : { serverless }),
    startupTimeoutSeconds:
      own.container_startup_health_check_timeout ?? block.container_startup_health_check_timeout,
    downloadTimeoutSeconds: own.model_data_download_timeout ?? block.model_data_download_timeout,
  };
}

function imageOf(described: Described, faults: Fault[]): string | undefined {
  const { block, path, region } = described;
  const { image, framework, framework_version: version, py_version: pyVersion } = block;
  if (image !== undefined) return image;
  if (framework === undefined || version === undefined) {
    faults.push(missing(path, framework === undefined ? 'image' : 'framework_version'));
    return undefined;
  }
  const instanceType = variantsOf(block)[0]?.instanceType ?? LOCAL_INSTANCE;
  try {
    return frameworkImage({ framework, version, pyVersion, region, instanceType });
  } catch (error) {
    if (!(error instanceof FrameworkFault)) throw error;
    faults.push({
      ...{ path: [...path, error.key] },
      message: `${[...path, error.key].join('.')}: ${error.message}`,
    });
    return undefined;
  }
}

function missing(path: readonly string[], key: string): Fault {
  const or = key === 'image' ? ' and no framework' : '';
  return { path, message: `${path.join('.')} has no ${key}${or}; add "${key}: …" to it` };
}

/** `file://build/model.tar.gz` is relative to config.yml, as the document writes it; `file:///…` is absolute. */
function modelDataUrl(path: string | undefined, directory: string): string | undefined {
  if (path === undefined || !path.startsWith('file://')) return path;
  const written = path.slice('file://'.length);
  return pathToFileURL(written.startsWith('/') ? fileURLToPath(path) : resolve(directory, written))
    .href;
}

function strings(
  values: Readonly<Record<string, string | number | boolean>> = {},
): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
}
