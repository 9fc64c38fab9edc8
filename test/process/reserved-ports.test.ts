import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { ReservedPorts } from '../../src/containers/process/reserved-ports.js';

/** Ports in a row that nobody listens on; found by a server that asks the system for its first. */
async function freeRange(length: number): Promise<{ first: number; last: number }> {
  for (;;) {
    const first = await portOf(createServer().listen(0, '127.0.0.1'));
    const others = Array.from({ length: length - 1 }, (_, index) => first + 1 + index);
    const free = await Promise.all(
      others.map((port) => portOf(createServer().listen(port, '127.0.0.1')).catch(() => undefined)),
    );
    if (!free.includes(undefined)) return { first, last: first + length - 1 };
  }
}

async function portOf(server: ReturnType<typeof createServer>): Promise<number> {
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function reserve(count: number, range: { first: number; last: number }) {
  const reserved = await ReservedPorts.reserve(
    Array.from({ length: count }, (_, index) => 8080 + index),
    range,
  );
  onTestFinished(() => reserved.release());
  return reserved;
}

test('No port is given to two, though neither listens yet', async () => {
  const range = await freeRange(6);
  const three = await Promise.all([reserve(2, range), reserve(2, range), reserve(2, range)]);
  const numbers = three.flatMap(({ numbers }) => [...numbers.values()]);
  expect(new Set(numbers).size).toBe(6);
});

test('One that a server listens on is left alone', async () => {
  const range = await freeRange(2);
  const server = createServer().listen(range.first, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  const reserved = await reserve(1, range);
  expect(reserved.numbers.get(8080)).toBe(range.last);
});

test('Where too few are free none is kept, and those of one that has gone can be had again', async () => {
  const range = await freeRange(2);
  await expect(reserve(3, range)).rejects.toThrow(/^No port between/);
  const first = await ReservedPorts.reserve([8080, 8081], range);
  await expect(reserve(1, range)).rejects.toThrow(/^No port between/);
  const before = [...first.numbers.values()].sort();
  first.release();
  const again = await reserve(2, range);
  expect([...again.numbers.values()].sort()).toEqual(before);
});
