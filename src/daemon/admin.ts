import { timingSafeEqual } from 'node:crypto';
import type { RequestListener } from 'node:http';
import type { LogLine } from '../containers/engine.js';
import type { ReloadReport } from '../reload/report.js';
import type { DaemonStatus } from './status.js';

export interface AdminParts {
  readonly token: string;
  readonly status: () => Promise<DaemonStatus>;
  /** Begins to stop the daemon. */
  readonly shutdown: (options: { force: boolean }) => void;
  readonly reload: (endpointName: string) => Promise<ReloadReport>;
  readonly logs: (
    endpointName: string | undefined,
    options: { tail?: number; follow: boolean; signal: AbortSignal },
  ) => AsyncIterable<EndpointLogLine>;
}

export interface EndpointLogLine extends LogLine {
  readonly endpointName: string;
  /** `variant/instance`. */
  readonly source: string;
}

/**
 * The local admin API, under /_smlocal/. Express is loaded with the first request: it costs a seventh of an idle daemon's
 * memory, and most daemons are never asked.
 */
export function createAdmin(parts: AdminParts): RequestListener {
  let app: Promise<RequestListener> | undefined;
  return (request, response) => {
    app ??= buildApp(parts);
    app.then(
      (answer) => answer(request, response),
      (error: unknown) => response.destroy(error instanceof Error ? error : undefined),
    );
  };
}

async function buildApp(parts: AdminParts): Promise<RequestListener> {
  const { default: express } = await import('express');
  const app = express();
  app.disable('x-powered-by');
  app.use((request, response, next) => {
    if (mayAsk(request.headers.authorization, parts.token)) next();
    else
      response.status(401).json({ message: 'The admin API needs the token of the state folder.' });
  });
  app.get('/_smlocal/status', async (_request, response) => {
    response.json(await parts.status());
  });
  app.post('/_smlocal/shutdown', (request, response) => {
    // Answered first: the daemon's end closes this connection too. The lock tells when it is done.
    response.status(202).json({});
    response.once('close', () => parts.shutdown({ force: request.query.force === 'true' }));
  });
  app.post('/_smlocal/reload', async (request, response) => {
    response.json(await parts.reload(String(request.query.endpoint)));
  });
  app.get('/_smlocal/logs', async (request, response) => {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const { endpoint, tail, follow } = request.query;
    const lines = parts.logs(endpoint === undefined ? undefined : String(endpoint), {
      tail: tail === undefined ? undefined : Number(tail),
      follow: follow === 'true',
      signal: gone.signal,
    });
    response.type('application/x-ndjson').flushHeaders();
    for await (const line of lines) response.write(`${JSON.stringify(line)}\n`);
    response.end();
  });
  return app;
}

function mayAsk(authorization: string | undefined, token: string): boolean {
  const given = Buffer.from(authorization ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
