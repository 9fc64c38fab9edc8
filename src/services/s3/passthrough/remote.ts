import type { IncomingHttpHeaders } from 'node:http';

/** An answer of the other S3, as it comes. */
export interface RemoteAnswer {
  readonly statusCode?: number;
  readonly headers: IncomingHttpHeaders;
  /** Reads the body away, so that its connection can be used again. */
  resume(): unknown;
  destroy(): unknown;
  [Symbol.asyncIterator](): AsyncIterator<Buffer>;
}

/** The other S3, asked as the user: `RemoteS3` of aws/ is one. */
export interface Remote {
  /**
   * The answer, whatever its status.
   * @throws SmlocalError where nothing answers, or there are no credentials
   */
  send(call: {
    readonly method: string;
    readonly bucket: string;
    readonly key: string;
    readonly query: Iterable<readonly [name: string, value: string]>;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: AsyncIterable<Buffer>;
    readonly signal?: AbortSignal;
  }): Promise<RemoteAnswer>;
  /** What has this prefix. @throws ServiceError, SmlocalError */
  list(
    bucket: string,
    prefix: string,
    signal?: AbortSignal,
  ): AsyncIterable<{ readonly key: string; readonly etag: string }>;
  close(): void;
}
