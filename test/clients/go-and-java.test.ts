import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { passed } from './matrix.js';
import { pinnedVersion } from './pinned.js';
import { type SdkClient, sdkClient, UserProject } from './user-project.js';

/* One small program each, which does the same and tells what it saw. Served by the process engine. */

let project: UserProject;

beforeAll(async () => {
  project = await UserProject.start({ engine: 'process' });
}, 60_000);
afterAll(() => project.remove());

interface Program {
  readonly client: 'AWS SDK for Go v2' | 'AWS SDK for Java 2.x';
  readonly made: SdkClient;
  readonly command: (cache: string) => string[];
  /** The SDK for Java has response streams for its asynchronous client alone. */
  readonly streams: boolean;
}

const PROGRAMS: Program[] = [
  {
    client: 'AWS SDK for Go v2',
    made: 'go',
    command: (cache) => [join(cache, 'go-client')],
    streams: true,
  },
  {
    client: 'AWS SDK for Java 2.x',
    made: 'java',
    command: (cache) => [
      'java',
      '-cp',
      `${cache}/java-client:${cache}/java-client/lib/*`,
      'Client',
    ],
    streams: false,
  },
];

test.each(PROGRAMS)(
  'A program with the $client stores a model, serves it, invokes it and deletes it',
  { timeout: 600_000 },
  async ({ client, made, command, streams }) => {
    const cache = await sdkClient(made);
    const out = await project.exec(command(cache), { MODEL: project.at('packed.tar.gz') });
    const { same, refused, ...saw } = JSON.parse(out);
    const answer = '{"products": [40]}';
    expect(saw).toEqual({
      ...{ version: pinnedVersion(client), account: '000000000000' },
      ...{ key: 'model.tar.gz', status: 'InService', answer, gone: 'ValidationException' },
      ...(streams && { streamed: answer }),
    });
    expect([String(same), String(refused)]).toEqual(['true', '500']);
    passed(client, [
      'S3',
      'STS',
      'endpoints',
      'invoke',
      'processes',
      ...(streams ? ['stream' as const] : []),
    ]);
  },
);
