import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SmlocalError } from '../../src/errors.js';
import { Captures } from '../../src/hosting/capture/captures.js';
import type { Taken } from '../../src/hosting/capture/taken.js';
import type { VariantCapture } from '../../src/hosting/capture/variant-capture.js';
import { HostingEvents } from '../../src/hosting/events.js';
import { createLogger } from '../../src/log.js';
import { oneOf, randomOf, seedOfRun } from '../support/random.js';
import { bytesOf, type CapturedLine, captureConfig, linesOf } from './captured.js';

/* What is captured, from the bodies that pass to the files that a store is given, through the thread that writes them. */

const MB = 1 << 20;

let folder: string;
let events: HostingEvents;
let captures: Captures;
/** The text of what was put, by its name. */
let put: Map<string, string>;
let refusal: Error | undefined;
let newPath: () => string;
const notices: string[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'smlocal-captures-'));
  events = new HostingEvents();
  notices.length = 0;
  events.on('notice', ({ text }) => notices.push(text));
  put = new Map();
  refusal = undefined;
  let files = 0;
  newPath = () => {
    files += 1;
    return join(folder, String(files));
  };
  captures = new Captures({
    store: {
      newPath: () => newPath(),
      put: async ({ name }, { path, size }) => {
        const bytes = readFileSync(path);
        rmSync(path);
        if (refusal) throw refusal;
        expect(bytes.length).toBe(size);
        put.set(name, bytes.toString());
      },
    },
    events,
    log: createLogger(),
  });
});

afterEach(async () => {
  vi.useRealTimers();
  await captures.close();
  rmSync(folder, { recursive: true });
});

function variantOf(change: Parameters<typeof captureConfig>[0] = {}): VariantCapture {
  const variant = captures.of('e', 'v', captureConfig(change));
  if (variant === undefined) throw new Error('Nothing is to be captured.');
  return variant;
}

function taken(variant: VariantCapture, headers = {}): Taken {
  const one = variant.take(headers);
  if (one === undefined) throw new Error('It was not drawn.');
  return one;
}

/** One invocation, from its first byte to its last. */
function pass(variant: VariantCapture, body: string): void {
  const one = taken(variant, { 'content-type': 'text/csv' });
  one.sends(Buffer.from(body));
  one.answers({ 'content-type': 'text/csv' });
  one.answersPiece(Buffer.from(body));
  one.end(true);
}

async function written(): Promise<CapturedLine[]> {
  await captures.close();
  return [...put.values()].flatMap(linesOf);
}

const inputs = (lines: readonly CapturedLine[]) =>
  lines.map(({ captureData }) => captureData.endpointInput?.data);

test('Whatever passes is what is captured, whole and in pieces, text and not, long and short', async () => {
  const seed = seedOfRun();
  const random = randomOf(seed);
  const lengths = [0, 1, 100, 5_000, 64 * 1024, 64 * 1024 + 1, 200_000, MB];
  const variant = variantOf();
  const types = ['text/csv', 'application/JSON; charset=utf-8', 'application/x-npy', ''];
  const content = [
    (length: number) => Buffer.alloc(length, 'é,1"\\\n\u0001😀'),
    (length: number) => Buffer.alloc(length, 'plain,1,2\n'),
    (length: number) => Buffer.from(Array.from({ length }, () => random() * 256)),
  ];
  const bodyOf = () => oneOf(content, random)(oneOf(lengths, random));
  const pieces = function* (body: Buffer) {
    for (let at = 0; at < body.length; ) {
      const next = at + 1 + Math.floor(random() * Math.min(body.length, 70_000));
      yield body.subarray(at, next);
      at = next;
    }
  };
  const passed = Array.from({ length: 60 }, (_, index) => {
    const all = { index, input: bodyOf(), output: bodyOf(), type: oneOf(types, random) };
    const one = taken(variant, {
      ...(all.type === '' ? {} : { 'content-type': all.type }),
      'x-amzn-sagemaker-inference-id': String(index),
      ...(random() < 0.5 ? { 'content-length': String(all.input.length) } : {}),
    });
    if (random() < 0.5) one.sends(all.input);
    else for (const piece of pieces(all.input)) one.sendsPiece(piece);
    one.answers(all.type === '' ? {} : { 'content-type': all.type });
    for (const piece of pieces(all.output)) one.answersPiece(piece);
    one.end(true);
    return all;
  });
  const lines = await written();
  expect(lines.length, `seed ${seed}`).toBe(passed.length);
  for (const { eventMetadata, captureData, eventVersion } of lines) {
    const { input, output, type } = passed[Number(eventMetadata.inferenceId)] ?? {};
    expect(eventVersion).toBe('0');
    for (const [body, captured] of [
      [input, captureData.endpointInput],
      [output, captureData.endpointOutput],
    ] as const) {
      if (body === undefined || captured === undefined) throw new Error('A body is missing.');
      expect(bytesOf(captured).equals(body), `seed ${seed}`).toBe(true);
      expect(captured.observedContentType).toBe(type);
      const isText = body.equals(Buffer.from(body.toString()));
      const asText = type === 'text/csv' ? 'CSV' : type?.includes('JSON') ? 'JSON' : 'BASE64';
      expect(captured.encoding).toBe(isText ? asText : 'BASE64');
    }
  }
  expect(captures.lossOf('e')).toBeUndefined();
}, 60_000);

test('At 100 percent every request is drawn, at 0 none, and in between about as many', () => {
  const drawn = (InitialSamplingPercentage: number) => {
    const variant = variantOf({ InitialSamplingPercentage });
    return Array.from({ length: 5_000 }, () => variant.take({})).filter((one) => one).length;
  };
  expect(drawn(100)).toBe(5_000);
  expect(drawn(0)).toBe(0);
  // Five thousand draws of 0.3 are within seven standard deviations of 1,500 but once in 10^11 runs.
  expect(Math.abs(drawn(30) - 1_500)).toBeLessThan(7 * 33);
});

test('Without a word on EnableCapture it is on; with false nothing is captured', () => {
  expect(captures.of('e', 'v', captureConfig({ EnableCapture: undefined }))).toBeDefined();
  expect(captures.of('e', 'v', captureConfig({ EnableCapture: false }))).toBeUndefined();
  expect(captures.of('e', 'v', undefined)).toBeUndefined();
});

test.each([
  ['Input', ['endpointInput']],
  ['Output', ['endpointOutput']],
  ['InputAndOutput', ['endpointInput', 'endpointOutput']],
] as const)('With %s alone a line has no more than that', async (CaptureMode, members) => {
  pass(variantOf({ CaptureOptions: [{ CaptureMode }] }), '1,2');
  const lines = await written();
  expect(lines.map(({ captureData }) => Object.keys(captureData))).toEqual([members]);
});

test('Where no content types are named every body is in base64', async () => {
  pass(variantOf({ CaptureContentTypeHeader: undefined }), '1,2');
  const [line] = await written();
  expect(line?.captureData.endpointInput).toMatchObject({ encoding: 'BASE64', data: 'MSwy' });
});

test('A request that does not end well is not captured, and its room is there again', async () => {
  const variant = variantOf();
  for (let count = 0; count < 10; count += 1) {
    const one = taken(variant);
    for (let piece = 0; piece < 20; piece += 1) one.sendsPiece(Buffer.alloc(MB));
    one.end(false);
  }
  pass(variant, 'after');
  expect(inputs(await written())).toEqual(['after']);
  expect(captures.lossOf('e')).toBeUndefined();
});

test('What there is no room for is not captured but counted, and told once; then there is room again', async () => {
  const variant = variantOf();
  const many = Array.from({ length: 6 }, () => taken(variant, { 'content-type': 'text/csv' }));
  for (const one of many)
    for (let piece = 0; piece < 20; piece += 1) one.sendsPiece(Buffer.alloc(MB, 'x'));
  for (const one of many) one.end(true);
  pass(variant, 'beside');
  expect(captures.lossOf('e')).toMatch(/^data capture: 3 requests were lost\. .*faster/);
  expect(notices).toEqual([expect.stringContaining('faster than they can be written')]);
  variant.flush();
  await vi.waitFor(() => expect(put.size).toBe(4), 10_000);
  const again = taken(variant);
  for (let piece = 0; piece < 60; piece += 1) again.sendsPiece(Buffer.alloc(MB));
  again.end(true);
  expect(captures.lossOf('e')).toContain('3 requests');
  const lines = await written();
  expect(lines).toHaveLength(5);
  expect(lines[0]?.captureData.endpointInput?.data).toBe('x'.repeat(20 * MB));
}, 60_000);

test('A file is written soon after its first request, when its endpoint changes, and when it is large', async () => {
  const variant = variantOf();
  pass(variant, 'soon');
  await vi.waitFor(() => expect(put.size).toBe(1), 10_000);
  pass(variant, 'updated');
  events.emit('status', { endpointName: 'other', status: 'Updating' });
  events.emit('status', { endpointName: 'e', status: 'Updating' });
  pass(variant, 'next');
  pass(variant, 'x'.repeat(64_000));
  for (let count = 0; count < 150; count += 1) pass(variant, 'x'.repeat(64_000));
  await vi.waitFor(() => expect(put.size).toBeGreaterThanOrEqual(3), 1_000);
  const files = [...put.values()].map((text) => inputs(linesOf(text)));
  expect(files.slice(0, 2)).toEqual([['soon'], ['updated']]);
  expect(await written()).toHaveLength(154);
});

test('Names have endpoint, variant and the hour; a file has the requests of one hour', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-12-31T23:59:58.120Z') });
  const variant = variantOf();
  pass(variant, 'before');
  vi.setSystemTime(Date.parse('2026-12-31T23:59:59.999Z'));
  pass(variant, 'just before');
  vi.setSystemTime(Date.parse('2027-01-01T00:00:00.000Z'));
  pass(variant, 'after');
  await captures.close();
  const files = [...put].sort();
  expect(files.map(([name]) => name)).toEqual([
    expect.stringMatching(/^e\/v\/2026\/12\/31\/23\/59-58-120-[0-9a-f-]{36}\.jsonl$/),
    expect.stringMatching(/^e\/v\/2027\/01\/01\/00\/00-00-000-[0-9a-f-]{36}\.jsonl$/),
  ]);
  const times = files.map(([, text]) =>
    linesOf(text).map(({ eventMetadata }) => eventMetadata.inferenceTime),
  );
  expect(times).toEqual([
    ['2026-12-31T23:59:58Z', '2026-12-31T23:59:59Z'],
    ['2027-01-01T00:00:00Z'],
  ]);
});

test('What a store refuses is counted and told once, until the reason is another', async () => {
  const variant = variantOf();
  const flushed = async (body: string) => {
    pass(variant, body);
    const before = put.size;
    const lost = captures.lossOf('e');
    variant.flush();
    await vi.waitFor(() => expect([put.size, captures.lossOf('e')]).not.toEqual([before, lost]));
  };
  refusal = new SmlocalError('There is no bucket b.', { hint: 'Type this.' });
  await flushed('1');
  await flushed('2');
  expect(notices).toEqual(['data capture: There is no bucket b. Type this.']);
  expect(captures.lossOf('e')).toContain('2 requests were lost. There is no bucket b. Type this.');
  refusal = undefined;
  await flushed('3');
  refusal = new Error('no space left');
  await flushed('4');
  expect(notices).toHaveLength(2);
  expect(inputs(await written())).toEqual(['3']);
  events.emit('status', { endpointName: 'e', status: 'Deleted' });
  expect(captures.lossOf('e')).toBeUndefined();
});

test('A disk that takes nothing costs the file and not the next one', async () => {
  const variant = variantOf();
  const good = newPath;
  newPath = () => join(folder, 'nowhere', 'file');
  for (let count = 0; count < 30; count += 1) pass(variant, 'x'.repeat(60_000));
  variant.flush();
  await vi.waitFor(() => expect(captures.lossOf('e')).toMatch(/30 requests .*ENOENT/), 10_000);
  newPath = good;
  pass(variant, 'good');
  expect(inputs(await written())).toEqual(['good']);
});

test('What comes after the end is lost, and nobody is harmed', async () => {
  const variant = variantOf();
  pass(variant, 'before');
  await captures.close();
  pass(variant, 'after');
  variant.flush();
  await vi.waitFor(() => expect(captures.lossOf('e')).toContain('smlocal is stopping'));
  expect(inputs(await written())).toEqual(['before']);
});
