/** A metric that a model server has printed. */
export interface PrintedMetric {
  readonly name: string;
  /** By CloudWatch's name, `None` for one that it has not. */
  readonly unit: string;
  readonly value: number;
  /** By name, in the order of their names; without the host's, which is another with each container. */
  readonly dimensions: readonly (readonly [name: string, value: string])[];
}

/** In every such line, and in hardly any other. */
const MARK = '|#hostname:';

/**
 * A line as TorchServe and multi-model-server write it, whatever their log's layout has before it; the two write what follows
 * the host's name in several ways (`Metric.java`, `LogMetric.java`, `metric.py`, `caching_metric.py` of pytorch/serve). Its
 * echo of what a worker has said (`result=[METRICS]…`) is no metric: the same comes once more by its own name.
 */
const LINE =
  /^(?:.*? - )?(?:\[METRICS\])?\s*([A-Za-z_][\w ]{0,127})\.([\w ]{1,32}):(-?[\d.]{1,32}(?:[eE][-+]?\d{1,3})?)\|#([^|]{0,512})(?:\|#type:[^|,]{1,32})?\|#hostname:[^|,]*(?:,.*)?$/;

/** Longer lines are no metrics. */
const MOST_CHARACTERS = 2_000;

const MOST_DIMENSIONS = 8;

/** Prometheus keeps names with two underscores at their start for itself, and we keep ours. */
const DIMENSION = /^(?!__|(?:endpoint|variant|metric|unit|le|quantile)$)[A-Za-z_]\w{0,63}$/;

const UNITS: Readonly<Record<string, string>> = {
  ms: 'Milliseconds',
  s: 'Seconds',
  percent: 'Percent',
  count: 'Count',
  mb: 'Megabytes',
  gb: 'Gigabytes',
  kb: 'Kilobytes',
  b: 'Bytes',
};

const NAMED_UNITS = [...Object.values(UNITS), 'Microseconds'];

/** The metric of a line that a container has printed; undefined where it is none, as nearly every line is. */
export function metricOfLine(line: string): PrintedMetric | undefined {
  if (!line.includes(MARK) || line.length > MOST_CHARACTERS) return undefined;
  const [, name, unit = '', number, set = ''] = LINE.exec(line) ?? [];
  const value = Number(number);
  const dimensions = dimensionsOf(set);
  if (name === undefined || !Number.isFinite(value) || dimensions === undefined) return undefined;
  return { name: name.trim(), unit: unitOf(unit), value, dimensions };
}

function unitOf(word: string): string {
  const known = NAMED_UNITS.find((name) => name.toLowerCase() === word.toLowerCase());
  return known ?? UNITS[word.toLowerCase()] ?? 'None';
}

/** @returns undefined where one of them is none */
function dimensionsOf(set: string): PrintedMetric['dimensions'] | undefined {
  const found = new Map<string, string>();
  for (const pair of set.split(',')) {
    const colon = pair.indexOf(':');
    if (pair.trim() === '') continue;
    const name = pair.slice(0, colon).trim();
    const value = pair.slice(colon + 1).trim();
    if (colon === -1 || !DIMENSION.test(name)) return undefined;
    if (value !== '' && name.toLowerCase() !== 'hostname') found.set(name, value);
  }
  if (found.size > MOST_DIMENSIONS) return undefined;
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1));
}
