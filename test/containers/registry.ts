import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export const USER = 'puller';
export const PASSWORD = 'secret-of-the-test';
/** `htpasswd -nbB puller secret-of-the-test` */
const HTPASSWD = '$2y$05$khMSmViIpPq4Xy0sKyFFUu20F64NJGDdQEbIFbgcSPObMlqVusF3G';

/** `AWS`, with the password that moto's ECR gives out: `htpasswd -nbB AWS 123456789012-auth-token`. */
const ECR_HTPASSWD = '$2b$05$abcdefghijklmnopqrstuu/4ofrUS75HrKu6f.iuRo0I/XlrmpqlC';

/** The package of Debian and its program. */
const PROGRAM = 'docker-registry';

export interface Registry {
  /** `127.0.0.1:PORT`; Docker takes plain HTTP from that address. */
  readonly host: string;
  /** How often it was asked which image stands behind a name: once a pull. */
  lookups(repository: string): number;
  stop(): Promise<void>;
}

/** A real registry (Debian's package docker-registry) with an empty store, on a port that it chooses. */
export async function startRegistry({ auth = false } = {}): Promise<Registry> {
  const folder = await mkdtemp(join(tmpdir(), 'smlocal-registry-'));
  await writeFile(join(folder, 'htpasswd'), `${USER}:${HTPASSWD}\nAWS:${ECR_HTPASSWD}\n`);
  await writeFile(join(folder, 'config.yml'), configuration(folder, auth));
  const child = spawn(PROGRAM, ['serve', join(folder, 'config.yml')], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = new Promise((resolve) => {
    child.once('exit', resolve).once('error', resolve); // `error` where it is not installed
  });
  let accessLog = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    accessLog += text;
  });
  const lookups = (repository: string) =>
    accessLog.split(`"HEAD /v2/${repository}/manifests/`).length - 1;
  const stop = async () => {
    child.kill();
    await exited;
    await rm(folder, { recursive: true });
  };
  const port = await listeningPort(createInterface({ input: child.stderr }));
  if (port !== undefined) return { host: `127.0.0.1:${port}`, lookups, stop };
  await stop();
  throw new Error(`${PROGRAM} did not start; is it installed? apt-get install ${PROGRAM}`);
}

function configuration(folder: string, auth: boolean): string {
  const access = { auth: { htpasswd: { realm: 'test', path: join(folder, 'htpasswd') } } };
  return JSON.stringify({
    version: 0.1,
    storage: { filesystem: { rootdirectory: join(folder, 'store') } },
    http: { addr: '127.0.0.1:0', secret: 'test' },
    ...(auth && access),
  });
}

async function listeningPort(output: AsyncIterable<string>): Promise<string | undefined> {
  for await (const line of output) {
    const port = /listening on 127\.0\.0\.1:(\d+)/.exec(line)?.[1];
    if (port !== undefined) return port;
  }
  return undefined;
}
