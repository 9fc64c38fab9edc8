/*
 * docs/performance.md is written by hand but for what stands between the marks of a section: that is the benchmark's.
 */

/** @typedef {import('../lib/table.js').Goal} Goal */
/** @typedef {{ figures: Record<string, number>, goals: Record<string, Goal>, seconds: number } | { failure: string, seconds: number }} Result */

/**
 * The document with another text between the marks of a section, which are added at its end where there are none.
 * @param {string} document
 * @param {string} name
 * @param {string} text
 */
export function withSection(document, name, text) {
  const [begin, end] = [`<!-- figures: ${name} -->`, `<!-- end of ${name} -->`];
  const section = `${begin}\n\n${text.trim()}\n\n${end}`;
  const [from, to] = [document.indexOf(begin), document.indexOf(end)];
  if (from === -1 || to < from) return `${document.trimEnd()}\n\n## ${name}\n\n${section}\n`;
  return document.slice(0, from) + section + document.slice(to + end.length);
}

/**
 * @param {Result} result
 * @param {{ at: Date, commit: string }} when
 */
export function groupSection(result, { at, commit }) {
  const day = at.toISOString().slice(0, 16).replace('T', ' ');
  const note = `Measured ${day} UTC at ${commit}, in ${result.seconds} s.`;
  if ('failure' in result)
    return `${note} **It failed**, and there are no figures: \`${result.failure}\``;
  const rows = Object.entries(result.figures).map(([key, value]) =>
    row([`\`${key}\``, String(value), ...goalAndVerdict(value, result.goals[key])]),
  );
  return `${note}\n\n${[...head(['figure', 'value', 'goal', '']), ...rows].join('\n')}`;
}

/** @param {Record<string, string>} machine */
export function machineSection(machine) {
  const rows = Object.entries(machine).map((cells) => row(cells));
  return [...head(['machine', '']), ...rows].join('\n');
}

/** @param {readonly string[]} names */
function head(names) {
  return [row(names), `|${'---|'.repeat(names.length)}`];
}

/** @param {readonly string[]} cells */
function row(cells) {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

/** @param {number} value @param {Goal | undefined} goal @returns {[string, string]} */
function goalAndVerdict(value, goal) {
  if (goal === undefined) return ['', ''];
  if (typeof goal === 'number')
    return [`at most ${round(goal)}`, verdict(value <= goal, value, goal)];
  return [`at least ${goal.atLeast}`, verdict(value >= goal.atLeast, value, goal.atLeast)];
}

/** @param {boolean} met @param {number} value @param {number} goal */
function verdict(met, value, goal) {
  if (met) return 'met';
  const share = goal === 0 ? '' : ` (${Math.round(Math.abs(value / goal - 1) * 100)} %)`;
  return `**missed** by ${round(Math.abs(value - goal))}${share}`;
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 100) / 100;
}
