import type { Readable } from 'node:stream';
import type { LogLine } from './engine.js';
import type { EngineClient } from './engine-client.js';
import { asSmlocalError } from './engine-errors.js';
import { type Frame, FrameParser, RawParser, splitTimestamp } from './log-frames.js';
import { LineAssembler } from './log-lines.js';

export interface LogOptions {
  readonly tail?: number;
  readonly follow?: boolean;
  readonly signal?: AbortSignal;
}

/** A container's output. Ends quietly when the signal aborts; leaving the loop early closes the connection. */
export async function* containerLogs(
  engine: EngineClient,
  id: string,
  options: LogOptions = {},
): AsyncGenerator<readonly LogLine[]> {
  if (options.signal?.aborted) return;
  const stopped = () => options.signal?.aborted === true;
  try {
    const { stream, tty } = await open(engine, id, options);
    yield* lines(stream, tty); // reading a stream with for await destroys it in the end, however the loop ends
  } catch (error) {
    if (!stopped()) throw asSmlocalError(error, await engine.url());
  }
}

async function open(
  engine: EngineClient,
  id: string,
  { tail, follow = false, signal }: LogOptions,
): Promise<{ tty: boolean; stream: Readable }> {
  const tty = await engine.ask(async (docker) => {
    const { Config } = await docker.getContainer(id).inspect();
    return Config.Tty;
  });
  const _query = { stdout: true, stderr: true, timestamps: true, follow, tail: tail ?? 'all' };
  // dockerode reads everything into memory unless `follow` is set; the query is what the engine sees.
  const options = { follow: true as const, _query, abortSignal: signal };
  const stream = (await engine.call((docker) =>
    docker.getContainer(id).logs(options),
  )) as unknown as Readable;
  endOnAbort(stream, signal);
  return { tty, stream };
}

/** The signal of a request ends with its response's head, so the body needs an owner of its own. */
function endOnAbort(stream: Readable, signal: AbortSignal | undefined): void {
  if (signal === undefined) return;
  const abort = () => stream.destroy();
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  stream.once('close', () => signal.removeEventListener('abort', abort));
}

/** What came together is given out together. */
async function* lines(stream: Readable, tty: boolean): AsyncGenerator<readonly LogLine[]> {
  const parser = tty ? new RawParser() : new FrameParser();
  const assemblers = { stdout: new LineAssembler('stdout'), stderr: new LineAssembler('stderr') };
  const assembled = (frames: Iterable<Frame>) =>
    [...frames].flatMap((frame) => {
      const { timestamp, text } = splitTimestamp(frame.data);
      return assemblers[frame.stream].push(timestamp, text);
    });
  for await (const chunk of stream) {
    const some = assembled(parser.push(chunk as Buffer));
    if (some.length > 0) yield some;
  }
  const last = parser instanceof RawParser ? assembled(parser.end()) : [];
  last.push(...assemblers.stdout.end(), ...assemblers.stderr.end());
  if (last.length > 0) yield last;
}
