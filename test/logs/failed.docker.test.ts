import {
  CloudWatchLogsClient,
  FilterLogEventsCommand,
  GetLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { removeImages } from '../containers/test-image.js';
import { createConfig, createEndpoint, deleteEndpoint } from '../support/endpoints.js';
import { makeScriptImage } from '../support/script-image.js';
import { CREDENTIALS, REGION, useDaemon } from '../support/test-daemon.js';

const server = useDaemon();
const IMAGE = 'smlocal-test/last-words:1';
const logGroupName = '/aws/sagemaker/Endpoints/last-words';

beforeAll(() =>
  makeScriptImage(IMAGE, 'echo "reading the weights"; echo "out of luck" >&2; exit 3'),
);
afterAll(() => removeImages(IMAGE));

test('The last words of a container that did not come up are in CloudWatch Logs, also when it is gone', async () => {
  await createConfig(server, 'last-words', { Image: IMAGE });
  await createEndpoint(server, 'last-words', 'last-words');
  const logs = new CloudWatchLogsClient({
    ...{ endpoint: server.url, region: REGION, credentials: CREDENTIALS, maxAttempts: 1 },
  });
  const found = await vi.waitFor(async () => {
    const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName }));
    expect(events.map(({ message }) => message).sort()).toEqual([
      'out of luck',
      'reading the weights',
    ]);
    return events;
  });
  await deleteEndpoint(server, 'last-words');
  const logStreamName = found[0]?.logStreamName;
  const { events } = await logs.send(new GetLogEventsCommand({ logGroupName, logStreamName }));
  expect(events).toHaveLength(2);
  logs.destroy();
});
