import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { CommandResult } from './engine.js';
import type { EngineClient } from './engine-client.js';
import { FrameParser } from './log-frames.js';

/** Runs a command inside a container; its two streams come back as one text, in the order in which they were written. */
export async function execInContainer(
  engine: EngineClient,
  id: string,
  command: readonly string[],
  signal?: AbortSignal,
): Promise<CommandResult> {
  return engine.call(async (docker) => {
    const exec = await docker.getContainer(id).exec({
      Cmd: [...command],
      AttachStdout: true,
      AttachStderr: true,
      abortSignal: signal,
    });
    const stream = (await exec.start({ hijack: true, stdin: false })) as Readable;
    const destroy = () => stream.destroy(signal?.reason);
    signal?.addEventListener('abort', destroy, { once: true });
    try {
      const output = demultiplex(await buffer(stream));
      const { ExitCode } = await exec.inspect();
      return { exitCode: ExitCode ?? -1, output };
    } finally {
      signal?.removeEventListener('abort', destroy);
    }
  });
}

function demultiplex(bytes: Buffer): string {
  const frames = [...new FrameParser().push(bytes)];
  return Buffer.concat(frames.map(({ data }) => data)).toString('utf8');
}
