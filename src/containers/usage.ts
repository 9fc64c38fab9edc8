import { statfs } from 'node:fs/promises';
import type { ContainerUsage } from './engine.js';
import type { EngineClient } from './engine-client.js';
import { statusOf } from './engine-errors.js';

/** What the engine's API has of a container's use (`GET /containers/ID/stats`), as far as it is read here. */
interface Stats {
  readonly cpu_stats?: { readonly cpu_usage?: { readonly total_usage?: number } };
  readonly memory_stats?: {
    readonly usage?: number;
    readonly limit?: number;
    readonly stats?: Readonly<Record<string, number>>;
  };
}

/** Asks once, and keeps no stream open: `one-shot` spares the engine the second look that it takes a second for. */
const ONCE = { stream: false, 'one-shot': true } as const;

/** @returns what `ContainerEngine.usage` is */
export function createUsage(
  engine: EngineClient,
): (id: string) => Promise<ContainerUsage | undefined> {
  let root: Promise<string | undefined> | undefined;
  return async (id) => {
    const stats = await statsOf(engine, id);
    const { usage, limit, stats: kinds = {} } = stats?.memory_stats ?? {};
    const nanoseconds = stats?.cpu_stats?.cpu_usage?.total_usage;
    if (usage === undefined || limit === undefined || nanoseconds === undefined) return undefined;
    root ??= dataFolder(engine).catch(() => undefined);
    const folder = await root;
    // Files that the kernel keeps for nobody are no use of memory, as the docker command has it.
    const cached = kinds.total_inactive_file ?? kinds.inactive_file ?? 0;
    return {
      cpuSeconds: nanoseconds / 1e9,
      memoryBytes: Math.max(0, usage - cached),
      memoryLimitBytes: limit,
      disk: folder === undefined ? undefined : await diskOf(folder),
    };
  };
}

async function statsOf(engine: EngineClient, id: string): Promise<Stats | undefined> {
  try {
    return (await engine.ask((docker) =>
      docker.getContainer(id).stats(ONCE as { stream: false }),
    )) as Stats;
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

/** Where the engine keeps its containers' files; undefined where that is another machine's, a virtual one's included. */
async function dataFolder(engine: EngineClient): Promise<string | undefined> {
  if (!(await engine.url()).startsWith('unix://')) return undefined;
  const { DockerRootDir } = (await engine.ask((docker) => docker.info())) as {
    DockerRootDir?: string;
  };
  return DockerRootDir;
}

/** How full the disk of a folder is, as `df` counts; undefined where the folder is not here. */
export async function diskOf(folder: string): Promise<ContainerUsage['disk']> {
  try {
    const { blocks, bfree, bavail, bsize } = await statfs(folder);
    const usedBytes = (blocks - bfree) * bsize;
    return { usedBytes, totalBytes: usedBytes + bavail * bsize };
  } catch {
    return undefined;
  }
}
