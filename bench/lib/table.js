/**
 * The figures for a person: a row each, with the goal where there is one.
 * @param {Record<string, unknown>} figures
 * @param {Record<string, number>} goals the most that a figure may be
 */
export function table(figures, goals) {
  const width = Math.max(...Object.keys(figures).map((key) => key.length));
  const rows = Object.entries(figures).map(([key, value]) => {
    const goal = goals[key];
    const verdict =
      goal === undefined ? '' : `  goal ${goal}: ${Number(value) <= goal ? 'met' : 'MISSED'}`;
    return `${key.padEnd(width)}  ${String(value).padStart(8)}${verdict}`;
  });
  return rows.join('\n');
}
