import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from './fixtures.js';
import { pythonClients } from './python-clients.js';

/** moto's own account. */
export const MOTO_ACCOUNT = '123456789012';

/** An implementation of AWS's services that is not ours: moto, on a port of its own, with nothing in it. */
export interface Moto {
  readonly url: string;
  stop(): Promise<void>;
}

/** @param registry the URL of a registry, which ECR then says is the account's */
export async function startMoto(registry?: string): Promise<Moto> {
  const python = await startPython('moto_server.py', ...(registry === undefined ? [] : [registry]));
  return { url: await python.line(), stop: python.stop };
}

/** boto3, loaded once, on what answers at an address. */
export interface Boto3 {
  /** Runs Python with the clients `s3`, `sagemaker`, `ecr` and `iam`. @returns what it gives to `show` */
  run(code: string): Promise<unknown>;
  stop(): Promise<void>;
}

export async function startBoto3(url: string, region: string): Promise<Boto3> {
  const python = await startPython('boto3_session.py', url, region);
  const run = async (code: string) => {
    python.write(`${JSON.stringify(code)}\n`);
    const { value, error } = JSON.parse(await python.line()) as { value?: unknown; error?: string };
    if (error !== undefined) throw new Error(error);
    return value;
  };
  return { run, stop: python.stop };
}

async function startPython(program: string, ...args: string[]) {
  const python = join(await pythonClients(), 'bin', 'python');
  const child = spawn(python, [`${ROOT}test/support/${program}`, ...args], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { PATH: process.env.PATH },
  });
  const ended = once(child, 'exit');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    write: (text: string) => child.stdin.write(text),
    line: async (): Promise<string> => {
      const { value, done } = await lines.next();
      if (done) throw new Error(`${program} has ended.`);
      return value;
    },
    stop: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
