import type { ServerResponse } from 'node:http';
import { exceptionMessage, jsonEventMessage } from '../contract/event-stream.js';
import type { StreamedEvent, StreamedRequest } from '../services/streamed.js';
import { drained } from './drained.js';

/**
 * Answers with a stream of events, for as long as they come and somebody reads. What fails before the first is thrown, for an
 * ordinary answer; what fails later ends the connection.
 */
export async function answerStream(
  response: ServerResponse,
  start: (request: StreamedRequest) => Promise<AsyncIterable<StreamedEvent>>,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const requestId = String(response.getHeader('x-amzn-RequestId'));
  const events = await start({ signal: gone.signal, requestId });
  try {
    response.writeHead(200, { 'Content-Type': 'application/vnd.amazon.eventstream' });
    // The members of the output that are no stream come first, as an event of their own; here there are none.
    response.write(jsonEventMessage('initial-response', {}));
    for await (const event of events) {
      if (!response.write(messageOf(event))) await drained(response);
    }
    response.end();
  } catch (error) {
    response.destroy();
    throw error;
  }
}

function messageOf(event: StreamedEvent): Buffer {
  return 'event' in event
    ? jsonEventMessage(event.event, event.members)
    : exceptionMessage(event.exception, event.members);
}
