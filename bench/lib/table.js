/**
 * The figures for a person: a row each, with the goal where there is one.
 * @param {Record<string, unknown>} figures
 * @param {Record<string, Goal>} goals
 */
export function table(figures, goals) {
  const width = Math.max(...Object.keys(figures).map((key) => key.length));
  const rows = Object.entries(figures).map(([key, value]) => {
    return `${key.padEnd(width)}  ${String(value).padStart(8)}${verdict(Number(value), goals[key])}`;
  });
  return rows.join('\n');
}

/** @typedef {number | { atLeast: number }} Goal the most that a figure may be, or the least */

/** @param {number} value @param {Goal | undefined} goal */
function verdict(value, goal) {
  if (goal === undefined) return '';
  if (typeof goal === 'number') return `  goal ${goal}: ${value <= goal ? 'met' : 'MISSED'}`;
  return `  goal at least ${goal.atLeast}: ${value >= goal.atLeast ? 'met' : 'MISSED'}`;
}
