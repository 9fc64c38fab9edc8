import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll } from 'vitest';
import { type ControlDaemon, REGION, useControlDaemon } from '../support/control-daemon.js';

/** A daemon without an engine, and AWS's S3 client that is pointed at it as a user would. */
export function useS3(): { readonly control: ControlDaemon; readonly s3: S3Client } {
  const control = useControlDaemon();
  let client: S3Client | undefined;
  beforeAll(() => {
    client = new S3Client({
      endpoint: control.url,
      region: REGION,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
    });
  });
  afterAll(() => client?.destroy());
  return {
    control,
    get s3() {
      if (client === undefined) throw new Error('The client is there only while tests run.');
      return client;
    },
  };
}
