import { createHash, createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { useServed } from '../support/served.js';

/*
 * A request signed with nothing but a hash function, step by step as AWS's documents have it ("Create a signed AWS API
 * request") and as Postman does: no library of AWS's is asked.
 */

const ID = 'AKIAIOSFODNN7EXAMPLE';
const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const REGION = 'us-east-1';
const BODY = '{"strings": ["Leon Scott Kennedy is a special agent."]}';

const container: Parameters<typeof useServed>[0] = {
  answer: (request, response) => void request.pipe(response),
};
const open = useServed(container);
const verifying = useServed(container, { accessKeys: { [ID]: SECRET } });

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string) =>
  createHmac('sha256', key).update(text).digest();

/** Postman signs the host, the type and the time. */
function signed(url: URL, secret: string, service: string, now = new Date()) {
  const time = now.toISOString().replace(/[:-]|\.\d+/g, '');
  const scope = `${time.slice(0, 8)}/${REGION}/${service}/aws4_request`;
  const names = 'content-type;host;x-amz-date';
  const headers = `content-type:application/json\nhost:${url.host}\nx-amz-date:${time}\n`;
  const canonical = `POST\n${url.pathname}\n\n${headers}\n${names}\n${sha256(BODY)}`;
  const toSign = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256(canonical)}`;
  const key = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${secret}`);
  const signature = hmac(key, toSign).toString('hex');
  return {
    'content-type': 'application/json',
    'x-amz-date': time,
    authorization: `AWS4-HMAC-SHA256 Credential=${ID}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
  };
}

async function post(
  base: string,
  { secret = SECRET, service = 'sagemaker', at = new Date() } = {},
) {
  const url = new URL('/endpoints/e/invocations', base);
  const headers = signed(url, secret, service, at);
  const response = await fetch(url, { method: 'POST', headers, body: BODY });
  const code = response.headers.get('x-amzn-errortype');
  return { status: response.status, code, body: await response.text() };
}

test('A call signed by hand is answered, whether or not signatures are verified', async () => {
  const answered = { status: 200, body: BODY };
  expect(await post(open.url)).toMatchObject(answered);
  expect(await post(verifying.url)).toMatchObject(answered);
});

test('With another secret, for another service or too late it is refused as AWS refuses it, where signatures are verified', async () => {
  const late = new Date(Date.now() - 20 * 60_000);
  for (const wrong of [{ secret: 'another' }, { service: 'execute-api' }, { at: late }]) {
    const { status, code, body } = await post(verifying.url, wrong);
    expect({ status, code }).toEqual({ status: 403, code: 'InvalidSignatureException' });
    expect(JSON.parse(body).message).toMatch(/[Ss]ignature|Credential/);
    expect((await post(open.url, wrong)).status).toBe(200);
  }
});
