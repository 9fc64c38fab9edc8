import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import type { OnProgress } from '../progress.js';
import type { EngineClient } from './engine-client.js';
import type { ImageName } from './image-name.js';
import { type PullEvent, PullProgress } from './pull-progress.js';
import type { Credentials } from './registry-auth.js';

export interface PullRequest {
  readonly image: ImageName;
  readonly platform?: string;
  readonly credentials?: Credentials;
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
}

/** Lets the engine pull an image. The engine gives up when the connection closes, which is how `signal` ends it. */
export async function pullImage(engine: EngineClient, request: PullRequest): Promise<void> {
  await engine.call((docker) => pullWith(docker, request));
  request.signal.throwIfAborted(); // a report that was cut off looks like one that ended
}

async function pullWith(docker: Docker, request: PullRequest): Promise<void> {
  const { image, signal } = request;
  const stream = await openPull(docker, request);
  const abort = () => stream.destroy();
  signal.addEventListener('abort', abort, { once: true });
  try {
    if (signal.aborted) abort();
    await readReport(stream, new PullProgress(image.reference), request.onProgress);
  } finally {
    signal.removeEventListener('abort', abort);
    stream.destroy();
  }
}

async function openPull(docker: Docker, request: PullRequest): Promise<Readable> {
  const { image, platform, credentials, signal } = request;
  const _query = {
    fromImage: image.repository,
    tag: image.digest ?? image.tag ?? 'latest',
    ...(platform !== undefined && { platform }),
  };
  const options = { _query, _body: {}, abortSignal: signal };
  return (await docker.createImage(credentials, options)) as Readable;
}

async function readReport(
  stream: Readable,
  progress: PullProgress,
  onProgress: OnProgress,
): Promise<void> {
  let rest = '';
  for await (const chunk of stream.setEncoding('utf8')) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) readEvent(line, progress, onProgress);
  }
}

function readEvent(line: string, progress: PullProgress, onProgress: OnProgress): void {
  if (line.trim() === '') return;
  const event = JSON.parse(line) as PullEvent;
  // The engine has answered 200 long before a registry refuses a layer.
  const refusal = event.errorDetail?.message ?? event.error;
  if (refusal !== undefined) throw new PullRefused(refusal);
  onProgress(progress.add(event));
}

/** What the engine or the registry said against a pull that had begun. */
export class PullRefused extends Error {
  override readonly name = 'PullRefused';
}
