import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createLogger } from '../../src/log.js';
import { startLiveTail } from '../../src/services/logs/live-tail.js';
import { LogStore } from '../../src/services/logs/log-store.js';
import { SampledSecond } from '../../src/services/logs/sampled-second.js';
import type { StreamedEvent } from '../../src/services/streamed.js';

const folder = mkdtempSync(join(tmpdir(), 'smlocal-live-tail-'));
afterAll(() => rmSync(folder, { recursive: true }));

const ARN = 'arn:aws:logs:us-east-1:000000000000:log-group:group';

test('What is more than an update may have is sampled, in order, and marked', () => {
  let drawn = 0;
  const second = new SampledSecond<number>(() => {
    drawn = (drawn + 0.37) % 1;
    return drawn;
  });
  for (let at = 0; at < 500; at += 1) second.add(at);
  expect(second.take()).toEqual({
    events: Array.from({ length: 500 }, (_, at) => at),
    sampled: false,
  });
  for (let at = 0; at < 2000; at += 1) second.add(at);
  const { events, sampled } = second.take();
  expect(sampled).toBe(true);
  expect(events).toHaveLength(500);
  expect(events).toEqual([...new Set(events)].sort((a, b) => a - b));
  expect(events.filter((at) => at >= 1000).length).toBeGreaterThan(150);
  expect(second.take()).toEqual({ events: [], sampled: false });
});

test('A session ends by itself after its time, and is told so; then nobody watches any more', async () => {
  const logs = new LogStore(folder, createLogger());
  await logs.append('group', 'stream', [{ timestamp: 1, text: 'before' }]);
  const context = { logs, caller: { region: 'us-east-1', accountId: '000000000000' } };
  const request = { signal: new AbortController().signal, requestId: 'r' };
  const times = { updateMs: 5, sessionMs: 40 };
  const events: StreamedEvent[] = [];
  const input = { logGroupIdentifiers: [ARN] };
  for await (const event of await startLiveTail(input, context, request, times)) {
    if (events.length === 0)
      await logs.append('group', 'stream', [{ timestamp: 2, text: 'after' }]);
    events.push(event);
  }
  expect(events[0]).toMatchObject({ event: 'sessionStart' });
  expect(events.at(-1)).toMatchObject({ exception: 'SessionTimeoutException' });
  const results = events.flatMap((event) =>
    'event' in event && event.event === 'sessionUpdate'
      ? (event.members as { sessionResults: { message: string }[] }).sessionResults
      : [],
  );
  expect(results.map(({ message }) => message)).toEqual(['after']);
});

test('A session whose reader has gone ends without a word', async () => {
  const logs = new LogStore(folder, createLogger());
  const gone = new AbortController();
  const context = { logs, caller: { region: 'us-east-1', accountId: '000000000000' } };
  const request = { signal: gone.signal, requestId: 'r' };
  const times = { updateMs: 5, sessionMs: 60_000 };
  let updates = 0;
  for await (const _ of await startLiveTail(
    { logGroupIdentifiers: [ARN] },
    context,
    request,
    times,
  )) {
    updates += 1;
    if (updates === 3) gone.abort();
  }
  expect(updates).toBe(3);
});
