import { expect, test } from 'vitest';
import { eventMessage, exceptionMessage } from '../../src/contract/event-stream.js';

/** A PayloadPart with `hello`, as botocore's own decoder has read it. */
const HELLO =
  '0000006e000000595197ff150b3a6576656e742d7479706507000b5061796c6f6164506172740d3a636f6e74656e742d747970650700186170706c69636174696f6e2f6f637465742d73747265616d0d3a6d6573736167652d747970650700056576656e7468656c6c6f29738ab4';

test('An event is the bytes that botocore reads', () => {
  expect(eventMessage('PayloadPart', Buffer.from('hello')).toString('hex')).toBe(HELLO);
});

test('A message says how long it is, whatever is in it', () => {
  for (const length of [0, 1, 70_000]) {
    const bytes = eventMessage('PayloadPart', Buffer.alloc(length));
    expect(bytes.readUInt32BE(0)).toBe(bytes.length);
    expect(bytes.length).toBe(Buffer.from(HELLO, 'hex').length - 'hello'.length + length);
  }
});

test('An exception carries its members as JSON, in UTF-8', () => {
  const text = exceptionMessage('ModelStreamError', { Message: 'Größe' }).toString('utf8');
  expect(text).toContain(':exception-type');
  expect(text).toContain('{"Message":"Größe"}');
});
