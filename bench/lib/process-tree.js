import { readdirSync, readFileSync } from 'node:fs';

/** A process by its id and the time of its start, as ids are used again. @typedef {{ pid: number, startedAt: string }} Process */

/** All that a process has started, and what those have; Linux. @param {number} pid @returns {Process[]} */
export function descendants(pid) {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  /** @type {Map<number, { pid: number, startedAt: string }[]>} */
  const children = new Map();
  for (const name of all) {
    const found = statOf(Number(name));
    if (found === undefined) continue;
    children.set(found.parent, [...(children.get(found.parent) ?? []), found]);
  }
  const below = (/** @type {number} */ parent) =>
    (children.get(parent) ?? []).flatMap((one) => [one, ...below(one.pid)]);
  return below(pid).map(({ pid, startedAt }) => ({ pid, startedAt }));
}

/** Which of these run still. @param {readonly Process[]} processes */
export function stillThere(processes) {
  return processes.filter(({ pid, startedAt }) => {
    const found = statOf(pid);
    return found !== undefined && found.startedAt === startedAt && found.state !== 'Z';
  });
}

/** @param {number} pid */
function statOf(pid) {
  try {
    // The name, in brackets, may have anything in it.
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(') ') + 2).split(' ');
    return { pid, state: fields[0], parent: Number(fields[1]), startedAt: fields[19] };
  } catch {
    return undefined; // It has ended meanwhile.
  }
}
