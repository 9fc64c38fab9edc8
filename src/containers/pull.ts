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
    const progress = new PullProgress(image.reference);
    await readReport<PullEvent>(stream, (event) => request.onProgress(progress.add(event)));
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

/** Reads the engine's report on a pull or a push to its end. @throws PullRefused where it ends in a refusal */
export async function readReport<T extends ReportEvent>(
  stream: Readable,
  onEvent: (event: T) => void,
): Promise<void> {
  let rest = '';
  for await (const chunk of stream.setEncoding('utf8')) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines.filter((text) => text.trim() !== '')) {
      const event = JSON.parse(line) as T;
      // The engine has answered 200 long before a registry refuses a layer.
      const refusal = event.errorDetail?.message ?? event.error;
      if (refusal !== undefined) throw new PullRefused(refusal);
      onEvent(event);
    }
  }
}

interface ReportEvent {
  readonly error?: string;
  readonly errorDetail?: { readonly message?: string };
}

/** What the engine or the registry said against a pull or a push that had begun. */
export class PullRefused extends Error {
  override readonly name = 'PullRefused';
}
