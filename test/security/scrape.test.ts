import { describe, expect, test } from 'vitest';
import { useServed } from '../support/served.js';

const answer = { answer: (_request: unknown, response: { end(): void }) => response.end() };
const accessKeys = { AKIDEXAMPLE: 'secret' };

const scraped = async (url: string, headers: Record<string, string> = {}) => {
  const response = await fetch(`${url}/metrics`, { headers });
  await response.arrayBuffer();
  return response.status;
};

describe('Where signatures are verified', () => {
  const served = useServed(answer, { accessKeys });

  test('Prometheus on this machine, which cannot sign, reads its page; a bucket of that name is not read so', async () => {
    expect(await scraped(served.url)).toBe(200);
    const asS3 = { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
    expect(await scraped(served.url, asS3)).toBe(403);
    const wrong =
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=00';
    expect(await scraped(served.url, { authorization: wrong })).toBe(400);
  });

  test('A web page gets no metrics', async () => {
    expect(await scraped(served.url, { origin: 'http://evil.example' })).toBe(403);
  });
});

describe('At the door for containers', () => {
  const served = useServed(answer, { accessKeys, forContainers: true });

  test('Nobody reads metrics', async () => {
    expect(await scraped(served.url)).toBe(403);
  });
});
