import { join } from 'node:path';
import { ROOT } from './fixtures.js';
import { succeed } from './run.js';
import { CREDENTIALS, REGION } from './test-daemon.js';

/** The folder with boto3 and the aws command line; made when it is missing. */
export async function pythonClients(): Promise<string> {
  return (await succeed(`${ROOT}scripts/python-clients`, [])).trim();
}

/** A Python that has NumPy, and nothing of SageMaker's; made when it is missing. */
export async function numpyPython(): Promise<string> {
  await succeed(`${ROOT}scripts/python-numpy`, []);
  return `${ROOT}.cache/python-numpy`;
}

/** All that a user sets for an AWS client to find smlocal; nothing of this machine's own AWS settings gets through. */
export function awsEnvironment(url: string, home: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: home,
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    AWS_DEFAULT_REGION: REGION,
    AWS_REGION: REGION,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_DISABLE_HOST_PREFIX_INJECTION: 'true',
    AWS_CONFIG_FILE: join(home, 'no-config'),
    AWS_SHARED_CREDENTIALS_FILE: join(home, 'no-credentials'),
    // The command line pages its output where it thinks that somebody watches.
    AWS_PAGER: '',
  };
}
