/** Three digits that matter, but no nanoseconds: `0.027 ms`, `18.3 ms`, `1.20 s`. */
export function span(milliseconds: number): string {
  return milliseconds < 1000
    ? `${threeDigits(milliseconds)} ms`
    : `${threeDigits(milliseconds / 1000)} s`;
}

/** As it was asked for: `30 s`, `5 min`, `1 h`. */
export function length(milliseconds: number): string {
  if (milliseconds % 3_600_000 === 0) return `${milliseconds / 3_600_000} h`;
  if (milliseconds % 60_000 === 0) return `${milliseconds / 60_000} min`;
  return milliseconds < 1000 ? `${milliseconds} ms` : `${milliseconds / 1000} s`;
}

export function threeDigits(value: number): string {
  if (value === 0) return '0';
  const digits = Math.min(3, Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value)))));
  return digits === 0 ? whole(Math.round(value)) : value.toFixed(digits);
}

/** `12,345`. */
export function whole(count: number): string {
  return count.toLocaleString('en-US');
}

export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let size = count;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return unit === 0 ? `${Math.round(size)} B` : `${threeDigits(size)} ${units[unit]}`;
}

/** By how much a ratio is off from 1: `+12.3 %`, `−8.1 %`; `3.4 times` from twice on. */
export function change(ratio: number): string {
  if (ratio >= 2) return `${threeDigits(ratio)} times`;
  const percent = (ratio - 1) * 100;
  const rounded = Math.abs(percent).toFixed(1);
  if (rounded === '0.0') return '±0 %';
  return `${percent < 0 ? '−' : '+'}${rounded} %`;
}

/** Columns as wide as what is in them; the first to the left, the others to the right. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows.reduce<number[]>(
    (known, row) => row.map((cell, index) => Math.max(known[index] ?? 0, cell.length)),
    [],
  );
  return rows.map((row) =>
    row
      .map((cell, index) =>
        index === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[index] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
}

/** Lines under another. */
export function indented(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}`.trimEnd()).join('\n');
}
