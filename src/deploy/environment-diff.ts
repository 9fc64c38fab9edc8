import { isDeepStrictEqual } from 'node:util';
import type { EndpointSettings, VariantSettings } from '../config/config.js';

/** Something that two environments say otherwise of an endpoint. */
export interface Difference {
  readonly what: string;
  readonly one: string;
  readonly other: string;
}

/** What stands for the value that a side has not. */
const NONE = '–';
const HIDDEN = '(a value, not shown)';
const OTHER_HIDDEN = '(another value, not shown)';

/** An endpoint of an environment, and its package's digest where there is one to make. */
export interface Side {
  readonly settings: EndpointSettings;
  readonly digest: string | undefined;
}

/**
 * What differs between an endpoint here and there. Values of environment variables are not in it, for some are secrets.
 */
export function environmentDiff(one: Side, other: Side): Difference[] {
  const [a, b] = [one.settings, other.settings];
  return [
    compare('endpoint', a.endpointName, b.endpointName),
    compare('model name', a.modelName, b.modelName),
    compare('image', a.image, b.image),
    compare('model data', a.modelDataUrl, b.modelDataUrl),
    compare('source_dir', a.sourceDirectory, b.sourceDirectory),
    compare('entry_point', a.entryPoint, b.entryPoint),
    compare('package', one.digest, other.digest),
    compare('role', a.roleName, b.roleName),
    ...variables(a.environment, b.environment),
    ...variants(a.variants, b.variants),
    compare('async', a.async, b.async),
    compare('data_capture', a.dataCapture, b.dataCapture),
    compare('vpc', a.vpc, b.vpc),
    compare('kms_key', a.kmsKey, b.kmsKey),
    compare('tags', a.tags, b.tags),
  ].flatMap((difference) => difference ?? []);
}

function compare(what: string, one: unknown, other: unknown): Difference | undefined {
  if (isDeepStrictEqual(one, other)) return undefined;
  return { what, one: shown(one), other: shown(other) };
}

function shown(value: unknown): string {
  if (value === undefined) return NONE;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

type Variables = Readonly<Record<string, string>>;

function variables(one: Variables, other: Variables): Difference[] {
  return namesOf(one, other).flatMap((name) => {
    const [a, b] = [one[name], other[name]];
    if (a === b) return [];
    return {
      what: `environment ${name}`,
      one: a === undefined ? NONE : HIDDEN,
      other: b === undefined ? NONE : a === undefined ? HIDDEN : OTHER_HIDDEN,
    };
  });
}

function variants(
  one: readonly VariantSettings[],
  other: readonly VariantSettings[],
): Difference[] {
  const [a, b] = [byName(one), byName(other)];
  return namesOf(a, b).flatMap((name) => {
    const difference = compare(`variant ${name}`, describe(a[name]), describe(b[name]));
    return difference ?? [];
  });
}

function byName(variants: readonly VariantSettings[]): Record<string, VariantSettings> {
  return Object.fromEntries(variants.map((one) => [one.name, one]));
}

function describe(variant: VariantSettings | undefined): string | undefined {
  if (variant === undefined) return undefined;
  const { serverless, instanceCount, instanceType, weight } = variant;
  const times = {
    startup: variant.startupTimeoutSeconds,
    download: variant.downloadTimeoutSeconds,
  };
  const limits = Object.entries(times).flatMap(([name, seconds]) =>
    seconds === undefined ? [] : `${name} within ${seconds} s`,
  );
  const capacity =
    serverless === undefined
      ? `${instanceCount} × ${instanceType}`
      : `serverless, ${serverless.memory_size_in_mb} MB, ${serverless.max_concurrency} at one time`;
  return [capacity, `weight ${weight}`, ...limits].join(', ');
}

function namesOf(one: object, other: object): string[] {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].sort();
}
