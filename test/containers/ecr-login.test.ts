import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ecrLogin } from '../../src/containers/ecr-login.js';

const HOST = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const servers: Server[] = [];

beforeEach(() => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAIOSFODNN7EXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'the-secret-key');
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
});

afterEach(async () => {
  vi.unstubAllEnvs();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** Stands where ECR would; the real one cannot be asked from a test. */
async function answering(status: number, body: object): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.headers['x-amz-target']} ${request.headers.authorization}`);
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify(body));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const tokenFor = (password: string) => ({
  authorizationData: [{ authorizationToken: Buffer.from(`AWS:${password}`).toString('base64') }],
});

test('ECR is asked with the AWS credentials for a password, whatever AWS_ENDPOINT_URL says', async () => {
  const ecr = await answering(200, tokenFor('pass:word'));
  const smlocal = await answering(200, tokenFor('from-smlocal'));
  vi.stubEnv('AWS_ENDPOINT_URL', smlocal.url);
  vi.stubEnv('AWS_ENDPOINT_URL_ECR', smlocal.url);
  const login = await ecrLogin({ region: 'eu-west-1', endpoint: ecr.url }, HOST);
  expect(login).toEqual({
    credentials: { username: 'AWS', password: 'pass:word', serveraddress: HOST },
  });
  expect(ecr.asked).toHaveLength(1);
  expect(ecr.asked[0]).toMatch(
    /GetAuthorizationToken .*AKIAIOSFODNN7EXAMPLE\/\d+\/eu-west-1\/ecr\//,
  );
  expect(smlocal.asked).toEqual([]);
});

test('A refusal is told in its first line, without the signed headers that AWS repeats', async () => {
  const message =
    'The signature does not match.\n\nThe Canonical String was x-amz-security-token:S';
  const ecr = await answering(400, { __type: 'InvalidSignatureException', message });
  const login = await ecrLogin({ region: 'eu-west-1', endpoint: ecr.url }, HOST);
  expect(login).toEqual({ refusal: 'The signature does not match.' });
});

test('Without AWS credentials there is a refusal and no request', async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', undefined);
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nonexistent');
  vi.stubEnv('AWS_CONFIG_FILE', '/nonexistent');
  const ecr = await answering(200, tokenFor('x'));
  const login = await ecrLogin({ region: 'eu-west-1', endpoint: ecr.url }, HOST);
  expect(login).toEqual({ refusal: expect.stringMatching(/credentials/i) });
  expect(ecr.asked).toEqual([]);
});

test('A login can be called off', async () => {
  const controller = new AbortController();
  const ecr = await answering(200, tokenFor('x'));
  servers[0]?.prependListener('request', () => controller.abort(new Error('called off')));
  const login = ecrLogin({ region: 'eu-west-1', endpoint: ecr.url }, HOST, controller.signal);
  await expect(login).rejects.toThrow('called off');
});
