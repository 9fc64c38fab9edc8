import type { EngineImage } from './engine.js';
import type { EngineClient } from './engine-client.js';

/** The engine's images that have a name. What was built and lost its name to a newer one is left out. */
export async function listImages(engine: EngineClient): Promise<EngineImage[]> {
  const all = await engine.call((docker) => docker.listImages());
  return all
    .map(({ Id, RepoTags, RepoDigests, Size, Created }) => ({
      id: Id,
      names: (RepoTags ?? []).filter((name) => name !== '<none>:<none>'),
      digests: RepoDigests ?? [],
      bytes: Size,
      created: new Date(Created * 1000),
    }))
    .filter(({ names }) => names.length > 0);
}
