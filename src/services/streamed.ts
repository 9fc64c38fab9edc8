/** One message of an operation that answers with a stream of events. */
export type StreamedEvent =
  | { readonly event: string; readonly members: object }
  /** With it the stream ends. */
  | { readonly exception: string; readonly members: Readonly<Record<string, string>> };

/** What a streaming operation knows of its request. */
export interface StreamedRequest {
  /** Aborts when nobody reads any more. */
  readonly signal: AbortSignal;
  readonly requestId: string;
}
