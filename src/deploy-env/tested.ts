import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type {
  DescribeEndpointConfigCommandOutput,
  DescribeModelCommandOutput,
} from '@aws-sdk/client-sagemaker';
import type { EndpointSettings } from '../config/config.js';
import type { StateFolder } from '../daemon/state-folder.js';
import { type ControlPlane, describeEndpoint, found, tagsOf } from '../deploy/control.js';
import { PACKAGE_TAG } from '../deploy/manifest.js';
import { payloadOf, readExpected } from './run-tests.js';

/** That a package has passed its tests here. */
export interface Tested {
  readonly endpointName: string;
  /** Of the tests that it passed: other ones would have to be run. */
  readonly tests: string;
  readonly passed: number;
  readonly at: string;
}

/** What an endpoint serves: the config, and the package that `smlocal deploy` made its model of. */
export interface Served {
  readonly configName: string | undefined;
  /** SHA-256; undefined where what it serves is no such package, but a folder that may change. */
  readonly digest: string | undefined;
}

/** Looks at the model behind an endpoint. */
export async function servedBy(control: ControlPlane, endpointName: string): Promise<Served> {
  const EndpointConfigName = (await describeEndpoint(control, endpointName))?.EndpointConfigName;
  if (EndpointConfigName === undefined) return { configName: undefined, digest: undefined };
  const config = await found<DescribeEndpointConfigCommandOutput>(
    control,
    'DescribeEndpointConfig',
    { EndpointConfigName },
  );
  const models = new Set(config?.ProductionVariants?.map(({ ModelName }) => ModelName));
  const digests = await Promise.all(
    [...models].map(async (ModelName) => {
      const model = await found<DescribeModelCommandOutput>(control, 'DescribeModel', {
        ModelName,
      });
      return model && (await tagsOf(control, model.ModelArn))[PACKAGE_TAG];
    }),
  );
  return {
    configName: EndpointConfigName,
    digest: digests.length === 1 ? digests[0] : undefined,
  };
}

/** What an endpoint's tests are, in a word: other payloads or expectations give another. */
export async function digestOfTests({ tests = [] }: EndpointSettings): Promise<string> {
  const hash = createHash('sha256');
  for (const one of tests) {
    const { file, ...expected } = one.expected;
    const { name, contentType, accept, variant, targetModel } = one;
    hash.update(JSON.stringify({ name, contentType, accept, variant, targetModel, expected }));
    for (const part of [await payloadOf(one), file && (await readExpected(file))]) {
      hash.update(
        createHash('sha256')
          .update(part || '')
          .digest(),
      );
    }
  }
  return hash.digest('hex');
}

/** Keeps that a package has passed. */
export async function recordTested(
  folder: StateFolder,
  digest: string,
  tested: Tested,
): Promise<void> {
  const file = fileOf(folder, digest);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(`${file}.partial`, JSON.stringify(tested), { mode: 0o600 });
  await rename(`${file}.partial`, file);
}

/** What is known of a package's tests; undefined where it has not passed here. */
export async function findTested(folder: StateFolder, digest: string): Promise<Tested | undefined> {
  try {
    return JSON.parse(await readFile(fileOf(folder, digest), 'utf8')) as Tested;
  } catch {
    return undefined; // None, or one that cannot be read: its tests are run again then.
  }
}

function fileOf(folder: StateFolder, digest: string): string {
  return join(folder.path, 'deploy', 'tested', `${digest}.json`);
}
