import { gzipSync } from 'node:zlib';
import { oneOf } from '../../support/random.js';

type Random = () => number;

const below = (limit: number, random: Random) => Math.floor(random() * limit);

const bytes = (length: number, random: Random) =>
  Buffer.from(Array.from({ length }, () => below(256, random)));

const OPERATIONS = [
  ...['CreateModel', 'ListModels', 'CreateEndpointConfig', 'CreateEndpoint', 'DescribeEndpoint'],
  ...[
    'AddTags',
    'UpdateEndpointWeightsAndCapacities',
    'CreateTrainingJob',
    'Nonsense',
    '',
    '__proto__',
  ],
];

/** The start of a request for each of the planes, and for nobody's. */
function startLine(random: Random): string {
  // Most must get as far as somebody who reads the body.
  if (random() < 0.7) {
    const paths = ['/', '/', '/', '/endpoints/e/invocations', '/bucket/key'];
    return `POST ${oneOf(paths, random)} HTTP/1.1`;
  }
  const path = oneOf(
    [
      ...[
        '/',
        '/',
        '/',
        '/?a=b',
        '//',
        '*',
        'http://other.example/',
        '/%',
        '/%00',
        '/\u00ff',
        '/../../etc/passwd',
      ],
      ...[
        '/endpoints/e/invocations',
        '/endpoints/%ff/invocations',
        '/endpoints/e/async-invocations',
      ],
      ...[
        '/endpoints/e/invocations-response-stream',
        `/endpoints/${'e'.repeat(5_000)}/invocations`,
      ],
      ...[
        '/_smlocal/status',
        '/_smlocal/logs?tail=x',
        '/_smlocal/%2e%2e',
        '/bucket/key',
        '/bucket?list-type=2',
      ],
    ],
    random,
  );
  const method = oneOf(
    [
      'POST',
      'POST',
      'POST',
      'POST',
      'GET',
      'PUT',
      'DELETE',
      'OPTIONS',
      'HEAD',
      'CONNECT',
      'PATCH',
      'post',
    ],
    random,
  );
  return `${method} ${path} HTTP/${oneOf(['1.1', '1.1', '1.1', '1.1', '1.0', '0.9', '2.0', '9'], random)}`;
}

/** Headers that change how a body or a connection is to be read, and some that are merely odd. */
function oddHeader(random: Random): string {
  return oneOf(
    [
      ...['Content-Encoding: gzip', 'Content-Encoding: br, gzip', 'Content-Encoding: nonsense'],
      ...[
        'Content-Type: application/json; charset=utf-16',
        'Content-Type: text/plain;charset="',
        'Content-Type:',
      ],
      ...[
        'Expect: 100-continue',
        'Expect: tea',
        'Connection: upgrade\r\nUpgrade: websocket',
        'Connection: close',
      ],
      ...[
        'X-Amz-Target: SageMaker.ListModels',
        'X-Amz-Target: SageMaker.ListModels\r\nX-Amz-Target: SageMaker.X',
      ],
      ...[
        'Transfer-Encoding: gzip, chunked',
        'Transfer-Encoding: identity',
        'Content-Length: 18446744073709551616',
      ],
      ...['Content-Length: -1', 'Content-Length: 5, 5', 'Content-Length: 5\r\nContent-Length: 6'],
      ...[
        'Authorization: AWS4-HMAC-SHA256 Credential=a/b/c',
        'Authorization: Basic \u00e9',
        'Host: a\r\nHost: b',
      ],
      ...[
        'X-Amzn-SageMaker-Inference-Id: \u0080',
        'X-Amzn-SageMaker-Target-Variant: -',
        'Trailer: x',
        'TE: trailers',
      ],
      ...[
        ': empty',
        'no colon',
        ' folded',
        'a\u0000b: c',
        `Cookie: ${'x'.repeat(below(20_000, random))}`,
      ],
      ...[
        'Range: bytes=5-2',
        'x-amz-content-sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
        'x-amz-decoded-content-length: -3',
      ],
    ],
    random,
  );
}

function oddBody(random: Random): Buffer {
  const depth = below(200_000, random);
  const makers: readonly (() => Buffer | string)[] = [
    () => '{}',
    () => '',
    () => '{"ModelName":"m"}',
    () => '{"ModelName":"m","PrimaryContainer":{"Image":"i"}}',
    () => '['.repeat(depth),
    () => '['.repeat(depth) + ']'.repeat(depth),
    () => `${'{"Tags":'.repeat(depth / 8)}1${'}'.repeat(depth / 8)}`,
    () => '{"MaxResults":1e999}',
    () => '{"MaxResults":-0}',
    () => `{"MaxResults":${'9'.repeat(below(5_000, random))}}`,
    () => '{"CreationTimeAfter":1e308}',
    () => '{"CreationTimeAfter":-8640000000001}',
    () => '{"ModelName":"\\ud800"}',
    () => '{"ModelName":"\\u0000"}',
    () => '{"ModelName":"a","ModelName":"b"}',
    () => '{"__proto__":{"ModelName":"m"},"constructor":1}',
    () =>
      '{"ModelName":"m","PrimaryContainer":{"Image":"i","Environment":{"__proto__":"x","toString":null}}}',
    () => '\ufeff{}',
    () => Buffer.from('{"ModelName":"m"}', 'utf16le'),
    () => Buffer.concat([Buffer.from('{"ModelName":"'), bytes(20, random), Buffer.from('"}')]),
    () => gzipSync('{"ModelName":"m"}'),
    () => bytes(below(2_000, random), random),
    () => `{"Tags":[${'{"Key":"k","Value":"v"},'.repeat(below(2_000, random))}null]}`,
    () => `{"ModelName":"${'a'.repeat(below(100_000, random))}"}`,
    () => ' '.repeat(below(6_000_000, random)),
  ];
  return Buffer.from(oneOf(makers, random)());
}

/** A body in chunks: well made, or with sizes that are not. */
function chunked(body: Buffer, random: Random): Buffer {
  const size = oneOf(
    [
      body.length.toString(16),
      'zz',
      '-5',
      'ffffffffffffffff',
      `${body.length.toString(16)};a=b`,
      '0',
      '',
    ],
    random,
  );
  const end = oneOf(['\r\n0\r\n\r\n', '\r\n0\r\nX-Trailer: y\r\n\r\n', '', '\r\n', '0'], random);
  return Buffer.concat([Buffer.from(`${size}\r\n`), body, Buffer.from(end)]);
}

function oneRequest(random: Random): Buffer {
  const body = oddBody(random);
  const isChunked = random() < 0.2;
  const claimed = random() < 0.85 ? body.length : below(2 * body.length + 10, random);
  const target = `X-Amz-Target: SageMaker.${oneOf(OPERATIONS, random)}`;
  const odd = random() < 0.5 ? [] : [oddHeader(random)];
  const lines = [
    startLine(random),
    ...(random() < 0.95 ? ['Host: 127.0.0.1'] : []),
    ...(random() < 0.8 ? [target] : []),
    isChunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${claimed}`,
    ...odd,
  ];
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  return Buffer.concat([head, isChunked ? chunked(body, random) : body]);
}

/** Bytes flipped, cut out, put in, or cut off. */
function damaged(whole: Buffer, random: Random): Buffer {
  const at = below(Math.min(whole.length, 600), random);
  switch (below(4, random)) {
    case 0:
      return whole.subarray(0, at);
    case 1:
      return Buffer.concat([
        whole.subarray(0, at),
        bytes(below(8, random), random),
        whole.subarray(at),
      ]);
    case 2:
      return Buffer.concat([whole.subarray(0, at), whole.subarray(at + below(20, random))]);
    default: {
      const copy = Buffer.from(whole);
      copy.writeUInt8(below(256, random), at);
      return copy;
    }
  }
}

/** What one connection sends: one request or several at once, each whole or damaged. */
export function connectionBytes(random: Random): Buffer {
  const requests = Array.from({ length: random() < 0.8 ? 1 : 1 + below(5, random) }, () => {
    const whole = oneRequest(random);
    return random() < 0.3 ? damaged(whole, random) : whole;
  });
  return Buffer.concat(requests);
}
