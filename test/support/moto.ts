import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from './fixtures.js';
import { pythonClients } from './python-clients.js';
import { succeed } from './run.js';

/** moto's own account. */
export const MOTO_ACCOUNT = '123456789012';

/** An implementation of AWS's services that is not ours: moto, on a port of its own, with nothing in it. */
export interface Moto {
  readonly url: string;
  /** Runs Python with `clients`, a function from a service's name to its boto3 client, and `show`, which prints as JSON. */
  boto3(code: string): Promise<unknown>;
  stop(): Promise<void>;
}

/** @param registry the URL of a registry, which ECR then says is the account's */
export async function startMoto(region: string, registry?: string): Promise<Moto> {
  const python = join(await pythonClients(), 'bin', 'python');
  const server = [
    `${ROOT}test/support/moto_server.py`,
    ...(registry === undefined ? [] : [registry]),
  ];
  const child = spawn(python, server, { stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = once(child, 'exit');
  const stop = async () => {
    child.stdin.end();
    await ended;
  };
  const [url] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { url, stop, boto3: (code) => runBoto3(python, url, region, code) };
}

/** What boto3 sees at an address. */
export async function runBoto3(python: string, url: string, region: string, code: string) {
  const program = `${PRELUDE(url, region)}\n${code}`;
  const output = await succeed(python, ['-c', program], { env: { PATH: process.env.PATH } });
  return output.trim() === '' ? undefined : JSON.parse(output);
}

const PRELUDE = (url: string, region: string) => `
import hashlib, json
import boto3
def clients(service):
    return boto3.client(service, endpoint_url=${JSON.stringify(url)}, region_name=${JSON.stringify(region)},
        aws_access_key_id="test", aws_secret_access_key="test")
def show(value):
    print(json.dumps(value, default=str))
s3, sagemaker, ecr, iam = map(clients, ["s3", "sagemaker", "ecr", "iam"])
`;
