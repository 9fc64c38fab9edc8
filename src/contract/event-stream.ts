import { crc32 } from 'node:zlib';

/*
 * AWS's event-stream encoding: a prelude of two lengths with its checksum, headers, the payload, a checksum of all
 * (smithy.io, "Amazon Event Stream Specification"). The test holds it against boto3's bytes and the JavaScript SDK.
 */

const PRELUDE_BYTES = 12;
const CHECKSUM_BYTES = 4;

/** The type of a header whose value is a string; the only one that SageMaker and CloudWatch Logs send. */
const STRING = 7;

/** An event with bytes of the caller's. */
export function eventMessage(type: string, payload: Buffer): Buffer {
  return message(
    {
      ':event-type': type,
      ':content-type': 'application/octet-stream',
      ':message-type': 'event',
    },
    payload,
  );
}

/** An event with members. The first of a service of AWS JSON is `initial-response`, with the members of its output. */
export function jsonEventMessage(type: string, members: object): Buffer {
  return message(
    { ':event-type': type, ':content-type': 'application/json', ':message-type': 'event' },
    Buffer.from(JSON.stringify(members)),
  );
}

/** An error that comes up when the answer has begun; the stream ends with it. */
export function exceptionMessage(type: string, members: Readonly<Record<string, string>>): Buffer {
  return message(
    {
      ':exception-type': type,
      ':content-type': 'application/json',
      ':message-type': 'exception',
    },
    Buffer.from(JSON.stringify(members)),
  );
}

function message(named: Readonly<Record<string, string>>, payload: Buffer): Buffer {
  const headers = Buffer.concat(Object.entries(named).map(([name, value]) => header(name, value)));
  const total = PRELUDE_BYTES + headers.length + payload.length + CHECKSUM_BYTES;
  const bytes = Buffer.allocUnsafe(total);
  bytes.writeUInt32BE(total, 0);
  bytes.writeUInt32BE(headers.length, 4);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 8)), 8);
  headers.copy(bytes, PRELUDE_BYTES);
  payload.copy(bytes, PRELUDE_BYTES + headers.length);
  const end = total - CHECKSUM_BYTES;
  bytes.writeUInt32BE(crc32(bytes.subarray(0, end)), end);
  return bytes;
}

function header(name: string, value: string): Buffer {
  const nameBytes = Buffer.from(name, 'ascii');
  const valueBytes = Buffer.from(value, 'utf8');
  const lengths = Buffer.from([STRING, valueBytes.length >> 8, valueBytes.length & 0xff]);
  return Buffer.concat([Buffer.from([nameBytes.length]), nameBytes, lengths, valueBytes]);
}
