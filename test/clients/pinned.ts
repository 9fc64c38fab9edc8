import { readFileSync } from 'node:fs';
import { ROOT } from '../support/fixtures.js';

/** The clients of the README's matrix, in its order, and where the version of each is pinned. */
const PINNED = {
  boto3: ['scripts/python-clients', /boto3==([\d.]+)/],
  'aws command line': ['scripts/python-clients', /awscli==([\d.]+)/],
  'SageMaker Python SDK 3': ['test/clients/sagemaker/requirements-3.txt', /^sagemaker==([\d.]+)$/m],
  'SageMaker Python SDK 2': ['test/clients/sagemaker/requirements-2.txt', /^sagemaker==([\d.]+)$/m],
  'AWS SDK for JavaScript v3': [
    'package-lock.json',
    /"node_modules\/@aws-sdk\/client-sagemaker": \{\s+"version": "([\d.]+)"/,
  ],
  'AWS SDK for Go v2': ['test/clients/go/go.mod', /^\tgithub\.com\/aws\/aws-sdk-go-v2 v([\d.]+)$/m],
  'AWS SDK for Java 2.x': ['test/clients/java/pom.xml', /<awssdk>([\d.]+)</],
} as const satisfies Record<string, readonly [file: string, pattern: RegExp]>;

export type ClientName = keyof typeof PINNED;

export const CLIENTS = Object.keys(PINNED) as ClientName[];

/** The version that the tests run. @throws where its file does not say it */
export function pinnedVersion(client: ClientName): string {
  const [file, pattern] = PINNED[client];
  const [, version] = pattern.exec(readFileSync(`${ROOT}${file}`, 'utf8')) ?? [];
  if (version === undefined) throw new Error(`${file} pins no version of ${client}`);
  return version;
}
