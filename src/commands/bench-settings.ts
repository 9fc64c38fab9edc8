import type { Prices } from '../bench/cost.js';
import type { Load } from '../bench/load.js';
import type { Address } from '../bench/look-up.js';
import type { PayloadSource } from '../bench/payloads.js';
import { ExitCode, SmlocalError } from '../errors.js';
import type { BenchOptions } from './bench-flags.js';

/** What `smlocal bench` was asked for, checked. */
export interface BenchSettings {
  readonly address: Address;
  /** The other endpoint or variant, or the file of an earlier run. */
  readonly other: Address | { readonly file: string } | undefined;
  /** As many at once; several are measured one after the other. */
  readonly levels: readonly number[];
  readonly load: Omit<Load, 'concurrency'>;
  /** Undefined where nothing comes first. */
  readonly warmUp: Omit<Load, 'concurrency' | 'rate'> | undefined;
  readonly rounds: number;
  readonly timeoutMs: number;
  readonly source: PayloadSource | 'standard input';
  readonly contentType: string;
  readonly accept: string | undefined;
  readonly prices: Prices;
}

const DEFAULTS = { durationMs: 10_000, rounds: 10, timeoutMs: 70_000, underWay: 256 };

/** More than the daemon takes connections, and than one process can serve well. */
const MOST_AT_ONCE = 1000;

const MOST_ROUNDS = 200;

/** @throws SmlocalError (exit code `usage`) that names the option that is wrong */
export function benchSettings(
  endpoint: string,
  body: string | undefined,
  options: BenchOptions,
): BenchSettings {
  const source = sourceOf(body, options);
  const levels = levelsOf(options);
  const rounds = wholeNumber('--rounds', options.rounds, MOST_ROUNDS) ?? DEFAULTS.rounds;
  const requests = wholeNumber('--requests', options.requests);
  const duration =
    options.duration === undefined ? undefined : spanOf('--duration', options.duration);
  const durationMs = duration ?? (requests === undefined ? DEFAULTS.durationMs : undefined);
  if (options.compare !== undefined && levels.length > 1) {
    throw wrong('--compare needs one concurrency.', 'Give --concurrency one number.');
  }
  const random = typeof source === 'object' && source.kind === 'random';
  return {
    address: addressOf(endpoint, options.targetVariant),
    other: options.compare === undefined ? undefined : otherOf(options.compare),
    ...{ levels, rounds, source },
    load: { rate: positive('--rate', options.rate), durationMs, requests },
    warmUp: warmUpOf(options.warmUp ?? (requests === undefined ? '1s' : '0')),
    timeoutMs:
      options.timeout === undefined ? DEFAULTS.timeoutMs : spanOf('--timeout', options.timeout),
    contentType: options.contentType ?? (random ? 'application/octet-stream' : 'application/json'),
    accept: options.accept,
    prices: {
      perInstanceHour: positive('--price-per-hour', options.pricePerHour),
      perGbSecond: positive('--price-per-gb-second', options.pricePerGbSecond),
    },
  };
}

function sourceOf(body: string | undefined, options: BenchOptions): BenchSettings['source'] {
  const { file, payloadDir, payloadLines, payloadSize } = options;
  const given: BenchSettings['source'][] = [];
  if (body !== undefined) given.push(bodySource(body));
  if (file !== undefined)
    given.push(file === '-' ? 'standard input' : { kind: 'file', path: file });
  if (payloadDir !== undefined) given.push({ kind: 'folder', path: payloadDir });
  if (payloadLines !== undefined) given.push({ kind: 'lines', path: payloadLines });
  if (payloadSize !== undefined) given.push({ kind: 'random', size: sizeOf(payloadSize) });
  if (given.length > 1) {
    throw wrong(
      'More than one payload is given.',
      'Give one of: an argument, --file, --payload-dir, --payload-lines, --payload-size.',
    );
  }
  return given[0] ?? 'standard input';
}

/** As curl has it: `@FILE` is what is in the file. */
function bodySource(body: string): BenchSettings['source'] {
  if (body === '@-') return 'standard input';
  if (body.startsWith('@')) return { kind: 'file', path: body.slice(1) };
  return { kind: 'bytes', bytes: Buffer.from(body) };
}

function levelsOf({ concurrency, rate }: BenchOptions): number[] {
  if (concurrency === undefined) return [rate === undefined ? 1 : DEFAULTS.underWay];
  const levels = concurrency
    .split(',')
    .map((text) => wholeNumber('--concurrency', text.trim(), MOST_AT_ONCE) ?? 1);
  if (levels.length > 1 && rate !== undefined) {
    throw wrong(
      'With --rate, --concurrency is the most that are under way, and one number.',
      'Leave out --rate to see what more at once do.',
    );
  }
  return [...new Set(levels)];
}

function addressOf(text: string, targetVariant?: string): Address {
  const [endpointName = '', variantName, ...rest] = text.split('/');
  if (endpointName === '' || variantName === '' || rest.length > 0) {
    throw wrong(
      `${text} is neither ENDPOINT nor ENDPOINT/VARIANT.`,
      'Type "smlocal status" to see which there are.',
    );
  }
  if (variantName !== undefined && targetVariant !== undefined && variantName !== targetVariant) {
    throw wrong(`Two variants are named: ${variantName} and ${targetVariant}.`, 'Name one.');
  }
  const variant = variantName ?? targetVariant;
  return variant === undefined ? { endpointName } : { endpointName, variantName: variant };
}

/** Names of endpoints and variants have no dot in them. */
function otherOf(text: string): BenchSettings['other'] {
  return text.includes('.') ? { file: text } : addressOf(text);
}

function warmUpOf(text: string): BenchSettings['warmUp'] {
  if (/^0+[a-z]*$/.test(text)) return undefined;
  if (/^\d+$/.test(text)) return { requests: Number(text) };
  return { durationMs: spanOf('--warm-up', text) };
}

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `500ms`, `30s`, `5m`, `1h`; a number alone is seconds. @returns milliseconds */
function spanOf(option: string, text: string): number {
  const [, number = '', unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? [];
  const span = Number(number || Number.NaN) * (UNITS_MS[unit] ?? Number.NaN);
  if (span > 0) return span;
  throw wrong(`${option} ${text} is no time.`, `Write it as 500ms, 30s or 5m: ${option} 30s`);
}

const UNITS_BYTES: Readonly<Record<string, number>> = {
  ...{ '': 1, b: 1, kb: 1000, mb: 1_000_000, kib: 1024, mib: 1_048_576 },
};

function sizeOf(text: string): number {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text) ?? [];
  const size = Math.round(
    Number(number || Number.NaN) * (UNITS_BYTES[unit.toLowerCase()] ?? Number.NaN),
  );
  if (size >= 0) return size;
  throw wrong(`--payload-size ${text} is no size.`, 'Write it as 2000, 256kB or 5MB.');
}

function wholeNumber(
  option: string,
  text: string | undefined,
  most = Number.MAX_SAFE_INTEGER,
): number | undefined {
  if (text === undefined) return undefined;
  const number = /^\d+$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= most) return number;
  const range = most === Number.MAX_SAFE_INTEGER ? 'from 1 on' : `from 1 to ${most}`;
  throw wrong(`${option} ${text} is no whole number ${range}.`, `For example: ${option} 8`);
}

function positive(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (number > 0) return number;
  throw wrong(`${option} ${text} is no number above 0.`, `For example: ${option} 20`);
}

function wrong(message: string, hint: string): SmlocalError {
  return new SmlocalError(message, { hint, exitCode: ExitCode.usage });
}
