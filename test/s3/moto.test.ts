import { request } from 'node:http';
import { XMLParser } from 'fast-xml-parser';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { REGION, useControlDaemon } from '../support/control-daemon.js';
import { type Moto, startMoto } from '../support/moto.js';
import { randomOf } from '../support/random.js';
import { type Call, createBucket, randomCall } from './calls.js';

const CALLS = 300;

/** Of the run's own where SMLOCAL_S3_SEED says so. */
const SEED = Number(process.env.SMLOCAL_S3_SEED ?? 6);

const BUCKET = 'compared';
const SIGNED = `AWS4-HMAC-SHA256 Credential=test/20260101/${REGION}/s3/aws4_request, SignedHeaders=host, Signature=0`;

/** Headers that a script may rest on. */
const HEADERS = ['etag', 'content-type', 'content-length', 'content-range', 'x-amz-meta-colour'];

/** What is another's by its nature: who is asked, and when. */
const VARYING = ['RequestId', 'HostId', 'LastModified', 'Owner'];

type Content = Record<string, unknown>;

interface Answer {
  readonly status: number;
  readonly headers: Content;
  readonly body: unknown;
}

interface Difference {
  readonly why: string;
  readonly concerns: (call: Call) => boolean;
  /** Takes out of an answer what differs. */
  readonly settle: (answer: Answer) => Answer;
}

const without = (answer: Answer, root: string, name: string): Answer => {
  const { [name]: _, ...rest } = (answer.body as Record<string, Content>)[root] ?? {};
  return answer.status === 200 ? { ...answer, body: { [root]: rest } } : answer;
};

/** Where the two differ and why: the S3 API reference is with smlocal, but where it says nothing. */
const EXPLAINED: readonly Difference[] = [
  {
    why: 'ListObjects answers with the marker that it was asked with, an empty one too; moto leaves that out.',
    concerns: ({ method, path }) =>
      method === 'GET' && isListing(path) && !path.includes('list-type'),
    settle: (answer) => without(answer, 'ListBucketResult', 'Marker'),
  },
  {
    why: 'And so it does with an empty prefix; moto leaves that out where nothing is left of it.',
    concerns: ({ path }) => isListing(path) && !path.includes('prefix='),
    settle: (answer) => without(answer, 'ListBucketResult', 'Prefix'),
  },
  {
    why: 'Common prefixes count towards max-keys, and NextMarker is a key; moto counts keys alone and has a token.',
    concerns: ({ path }) =>
      /delimiter=.*max-keys=[12](?!0)/.test(path) && !path.includes('list-type'),
    settle: ({ status }) => ({ status, headers: {}, body: undefined }),
  },
  {
    why: 'Of an empty object there is no range; moto gives the whole for its last bytes. S3 documents neither.',
    concerns: ({ headers }) => headers.range === 'bytes=-3',
    settle: (answer) => (isEmptyOrNoRange(answer) ? { status: 0, headers: {}, body: '' } : answer),
  },
  {
    why: 'NextMarker is there only with a delimiter; moto has it always.',
    concerns: ({ path }) => isListing(path) && !/delimiter=|list-type/.test(path),
    settle: (answer) => without(answer, 'ListBucketResult', 'NextMarker'),
  },
  {
    why: 'A continuation token means something only to whoever gave it.',
    concerns: ({ path }) => path.includes('list-type=2'),
    settle: (answer) => without(answer, 'ListBucketResult', 'NextContinuationToken'),
  },
  {
    why: 'The root of GetBucketVersioning is VersioningConfiguration; moto has another.',
    concerns: ({ path }) => path.endsWith('?versioning'),
    settle: (answer) => ({ ...answer, body: Object.values(answer.body as Content) }),
  },
  {
    why: 'ListMultipartUploads answers with the prefix that it was asked with, an empty one too; moto leaves that out.',
    concerns: ({ path }) => path.endsWith('?uploads'),
    settle: (answer) => without(answer, 'ListMultipartUploadsResult', 'Prefix'),
  },
  {
    why: 'The ETag of a copy is in the document; moto adds a header.',
    concerns: ({ headers }) => headers['x-amz-copy-source'] !== undefined,
    settle: (answer) => ({ ...answer, headers: {} }),
  },
];

const control = useControlDaemon();
let moto: Moto | undefined;

beforeAll(async () => {
  moto = await startMoto();
}, 300_000);
afterAll(() => moto?.stop());

const parser = new XMLParser({
  parseTagValue: false,
  ignoreDeclaration: true,
  isArray: (name) => ['Contents', 'CommonPrefixes', 'Deleted'].includes(name),
});

function isEmptyOrNoRange({ status, body }: Answer): boolean {
  return status === 416 || (status === 200 && body === '');
}

function isListing(path: string): boolean {
  return /^\/[^/?]+\?/.test(path) && !/\?(location|versioning|uploads|delete)$/.test(path);
}

/** Members in one order, without what varies. */
function settled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(settled);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([name]) => !VARYING.includes(name));
  const inOrder = entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(inOrder.map(([name, one]) => [name, settled(one)]));
}

/** The headers of an object are held together all; of what else there is only the ETag, for the rest is the framework's. */
function ask(url: string, call: Call): Promise<Answer> {
  const { method, path, headers, body = '' } = call;
  const all = { authorization: SIGNED, 'content-length': Buffer.byteLength(body), ...headers };
  return new Promise((resolve, reject) => {
    const sent = request(url + path, { method, headers: all }, async (response) => {
      const text = Buffer.concat(await response.toArray()).toString();
      const status = response.statusCode ?? 0;
      const isDocument = text.startsWith('<?xml');
      const isObject = status < 300 && /^(GET|HEAD)$/.test(method) && /^\/[^/]+\/./.test(path);
      const names = isObject && !isDocument ? HEADERS : ['etag'];
      resolve({
        status,
        headers: Object.fromEntries(names.map((name) => [name, response.headers[name]])),
        body: isDocument ? settled(parser.parse(text)) : text,
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

test(`S3 answers ${CALLS} calls as moto does, but where the documentation has it otherwise`, async () => {
  const random = randomOf(SEED);
  const both = (call: Call) =>
    Promise.all([ask(control.url, call), ask(moto?.url ?? '', call)] as const);
  for (const { status } of await both(createBucket(BUCKET, REGION))) expect(status).toBe(200);
  for (let i = 0; i < CALLS; i += 1) {
    const call = randomCall(BUCKET, random);
    const differences = EXPLAINED.filter(({ concerns }) => concerns(call));
    const [ours, theirs] = (await both(call)).map((answer) =>
      differences.reduce((rest, { settle }) => settle(rest), answer),
    );
    expect(ours, `call ${i}, seed ${SEED}: ${JSON.stringify(call)}`).toEqual(theirs);
  }
}, 60_000);
