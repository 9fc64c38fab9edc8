import { expect, test } from 'vitest';
import type { LogLine } from '../../src/containers/engine.js';
import {
  type Frame,
  FrameParser,
  RawParser,
  splitTimestamp,
} from '../../src/containers/log-frames.js';
import { LineAssembler, MAX_LINE_BYTES } from '../../src/containers/log-lines.js';

const STAMP = '2026-01-02T03:04:05.678901234Z ';

function frame(stream: 1 | 2, data: string | Buffer): Buffer {
  const payload = Buffer.from(data as string);
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

/** Feeds the bytes in chunks of the given size, as a socket might. */
function parse(bytes: Buffer, chunkSize: number): Frame[] {
  const parser = new FrameParser();
  const frames: Frame[] = [];
  for (let at = 0; at < bytes.length; at += chunkSize) {
    frames.push(...parser.push(bytes.subarray(at, at + chunkSize)));
  }
  return frames;
}

function assemble(...pieces: (string | Buffer)[]): LogLine[] {
  const assembler = new LineAssembler('stdout');
  const lines = pieces.flatMap((data) => {
    const { timestamp, text } = splitTimestamp(Buffer.from(data as string));
    return assembler.push(timestamp, text);
  });
  return [...lines, ...assembler.end()];
}

const texts = (lines: LogLine[]) => lines.map(({ text }) => text);

test.each([1, 3, 7, 8, 9, 1000])('Frames are found in chunks of %d bytes', (chunkSize) => {
  const bytes = Buffer.concat([frame(1, 'one'), frame(2, ''), frame(2, 'two'), frame(1, 'drei')]);
  const frames = parse(bytes, chunkSize).map(({ stream, data }) => [stream, data.toString()]);
  expect(frames).toEqual([
    ['stdout', 'one'],
    ['stderr', ''],
    ['stderr', 'two'],
    ['stdout', 'drei'],
  ]);
});

test('The output of a terminal is cut into lines, the last one without its end', () => {
  const parser = new RawParser();
  const chunks = ['a', 'b\nc', '\nd'];
  const frames = chunks.flatMap((chunk) => [...parser.push(Buffer.from(chunk))]);
  expect([...frames, ...parser.end()].map(({ data }) => data.toString())).toEqual([
    'ab\n',
    'c\n',
    'd',
  ]);
});

test('A line has its own time in milliseconds', () => {
  const timestamp = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
  expect(assemble(`${STAMP}hello world\n`)).toEqual([
    { stream: 'stdout', timestamp, text: 'hello world' },
  ]);
});

test('Pieces of one line are joined without the timestamps that the engine repeats', () => {
  expect(texts(assemble(`${STAMP}one `, `${STAMP}two\n`, `${STAMP}\n`))).toEqual(['one two', '']);
});

test('A character that falls apart between two pieces is whole again', () => {
  const snowman = Buffer.from('☃');
  const first = Buffer.concat([Buffer.from(STAMP), snowman.subarray(0, 1)]);
  const second = Buffer.concat([Buffer.from(STAMP), snowman.subarray(1), Buffer.from('\n')]);
  expect(texts(assemble(first, second))).toEqual(['☃']);
});

test('The last line needs no line end', () => {
  expect(texts(assemble(`${STAMP}end`))).toEqual(['end']);
});

test('Of a line with carriage returns what a terminal would show in the end is kept', () => {
  expect(texts(assemble(`${STAMP}10%\r50%\r100%\r\n`, `${STAMP}dos\r\n`))).toEqual(['100%', 'dos']);
});

test('An endless line comes in bounded pieces that lose nothing and split no character', () => {
  const long = `${'é'.repeat(MAX_LINE_BYTES)}x`;
  const bytes = Buffer.from(`x${long}`);
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 16_384) {
    pieces.push(Buffer.concat([Buffer.from(STAMP), bytes.subarray(at, at + 16_384)]));
  }
  const lines = texts(assemble(...pieces));
  expect(lines.join('')).toBe(`x${long}`);
  expect(lines.length).toBe(3);
  for (const line of lines) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(MAX_LINE_BYTES);
});
