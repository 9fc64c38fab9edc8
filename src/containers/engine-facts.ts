import { createEngineClient } from './engine-client.js';

/** What a machine's engine is, for who looks whether it can serve. */
export interface EngineFacts {
  readonly version: string;
  /** For example `linux/amd64`. */
  readonly platform: string;
  /** Of the engine's machine, which is a virtual one on a Mac. */
  readonly memoryBytes: number;
}

/** Engines name the same processors by two names. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64' };

/** Asks the engine. @throws SmlocalError (exit code `noEngine`) where none answers */
export async function engineFacts(dockerHost?: string): Promise<EngineFacts> {
  const info = (await createEngineClient(dockerHost).call((docker) => docker.info())) as {
    ServerVersion?: string;
    OSType?: string;
    Architecture?: string;
    MemTotal?: number;
  };
  const { ServerVersion = '?', OSType = 'linux', Architecture = '', MemTotal = 0 } = info;
  return {
    version: ServerVersion,
    platform: `${OSType}/${ARCHITECTURES[Architecture] ?? Architecture}`,
    memoryBytes: MemTotal,
  };
}
