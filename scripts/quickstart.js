// Asks the endpoint of a config.yml (its argument) for two predictions, as an application would: with the AWS SDK and its address set.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SageMakerClient, waitUntilEndpointInService } from '@aws-sdk/client-sagemaker';
import { InvokeEndpointCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const status = JSON.parse(
  execFileSync(
    process.execPath,
    [join(root, 'dist/cli.js'), 'status', '--json', '--config', process.argv[2]],
    {
      encoding: 'utf8',
    },
  ),
);
const [endpoint] = status.endpoints;
const EndpointName = endpoint.EndpointName;
const settings = {
  endpoint: status.url,
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
};

const control = new SageMakerClient(settings);
await waitUntilEndpointInService(
  { client: control, maxWaitTime: 60, minDelay: 1, maxDelay: 1 },
  { EndpointName },
);

const payload = readFileSync(join(root, 'fixtures/text-classifier/samples/request.json'), 'utf8');
const runtime = new SageMakerRuntimeClient(settings);
const before = performance.now();
const answer = await runtime.send(
  new InvokeEndpointCommand({
    EndpointName,
    ContentType: 'application/json',
    Accept: 'application/json',
    Body: payload,
  }),
);
const took = (performance.now() - before).toFixed(0);
const predictions = JSON.parse(Buffer.from(answer.Body).toString('utf8'));

console.log(`${EndpointName} answered in ${took} ms:`);
for (const [index, [text]] of JSON.parse(payload).entries()) {
  console.log(`\n  ${text}`);
  for (const [name, probability] of Object.entries(predictions[index].probabilities)) {
    console.log(`    ${name.padEnd(10)} ${(100 * probability).toFixed(1).padStart(5)} %`);
  }
}
