/** The most events that a page has, and the size at which it ends: 10,000 and 1 MB (API reference). */
export const PAGE_EVENTS = 10_000;
export const PAGE_BYTES = 1024 * 1024;

/** What the service adds to each event as it counts bytes (quotas, developer guide). */
const EVENT_OVERHEAD = 26;

/** An event's size as the service counts it. */
export function bytesOf(message: string): number {
  return Buffer.byteLength(message) + EVENT_OVERHEAD;
}
