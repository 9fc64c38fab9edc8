import { readdir, readFile } from 'node:fs/promises';

/** Linux counts processor time in hundredths of a second, whatever the kernel's own clock is. */
const TICKS_A_SECOND = 100;

interface Stat {
  readonly pid: string;
  readonly parent: string;
  /** Its own time, and that of its children which have ended and were waited for. */
  readonly ownTicks: number;
  readonly endedTicks: number;
}

/**
 * What all that a process has started takes of the machine; the process itself, a launcher, is not counted.
 * @returns undefined where there is no /proc to read it from
 */
export async function usageBelow(
  root: number,
): Promise<{ cpuSeconds: number; memoryBytes: number } | undefined> {
  const stats = await allStats();
  const launcher = stats.get(String(root));
  if (launcher === undefined) return undefined;
  const below = descendants(stats, launcher.pid);
  // What a child has used is its parent's when it has ended, so that the sum never falls.
  const ticks = below.reduce(
    (sum, one) => sum + one.ownTicks + one.endedTicks,
    launcher.endedTicks,
  );
  const memory = await Promise.all(below.map(({ pid }) => memoryOf(pid)));
  return {
    cpuSeconds: ticks / TICKS_A_SECOND,
    memoryBytes: memory.reduce((sum, bytes) => sum + bytes, 0),
  };
}

async function allStats(): Promise<Map<string, Stat>> {
  const names = await readdir('/proc').catch(() => []);
  const found = new Map<string, Stat>();
  for (const pid of names) {
    if (!/^\d+$/.test(pid)) continue;
    const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    // The second field is the program's name in brackets, and may have anything in it.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const [, parent = ''] = fields;
    const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = fields.slice(11, 15).map(Number);
    const [ownTicks, endedTicks] = [user + system, endedUser + endedSystem];
    if (text !== '') found.set(pid, { pid, parent, ownTicks, endedTicks });
  }
  return found;
}

function descendants(stats: ReadonlyMap<string, Stat>, root: string): Stat[] {
  const isBelow = (stat: Stat | undefined): boolean =>
    stat !== undefined && (stat.parent === root || isBelow(stats.get(stat.parent)));
  return [...stats.values()].filter(isBelow);
}

/** Memory that workers share is counted in parts, so that forks of one model are not counted as many. */
async function memoryOf(pid: string): Promise<number> {
  const [rollup, status] = await Promise.all(
    ['smaps_rollup', 'status'].map((name) =>
      readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => ''),
    ),
  );
  const kilobytes =
    /^Pss:\s+(\d+) kB/m.exec(rollup ?? '')?.[1] ?? /^VmRSS:\s+(\d+) kB/m.exec(status ?? '')?.[1];
  return Number(kilobytes ?? 0) * 1024;
}
