import type * as S3 from '@aws-sdk/client-s3';
import { aws } from './call.js';
import { guard } from './endpoint-guard.js';
import type { AwsSettings } from './settings.js';

/** The operations of S3 that are called, with what goes in and what comes out. */
interface Operations {
  HeadBucket: [S3.HeadBucketCommandInput, S3.HeadBucketCommandOutput];
  CreateBucket: [S3.CreateBucketCommandInput, S3.CreateBucketCommandOutput];
  HeadObject: [S3.HeadObjectCommandInput, S3.HeadObjectCommandOutput];
  PutObject: [S3.PutObjectCommandInput, S3.PutObjectCommandOutput];
  DeleteObject: [S3.DeleteObjectCommandInput, S3.DeleteObjectCommandOutput];
  GetObject: [S3.GetObjectCommandInput, S3.GetObjectCommandOutput];
  CreateMultipartUpload: [
    S3.CreateMultipartUploadCommandInput,
    S3.CreateMultipartUploadCommandOutput,
  ];
  ListMultipartUploads: [S3.ListMultipartUploadsCommandInput, S3.ListMultipartUploadsCommandOutput];
  ListParts: [S3.ListPartsCommandInput, S3.ListPartsCommandOutput];
  UploadPart: [S3.UploadPartCommandInput, S3.UploadPartCommandOutput];
  CompleteMultipartUpload: [
    S3.CompleteMultipartUploadCommandInput,
    S3.CompleteMultipartUploadCommandOutput,
  ];
  AbortMultipartUpload: [S3.AbortMultipartUploadCommandInput, S3.AbortMultipartUploadCommandOutput];
}

type Loaded = { readonly sdk: typeof S3; readonly client: S3.S3Client };

/** Calls S3's operations by name, over its SDK, which is loaded with the first call. */
export class S3Calls {
  readonly #settings: AwsSettings;
  readonly #signal: AbortSignal;
  #loading: Promise<Loaded> | undefined;

  constructor(settings: AwsSettings, signal: AbortSignal) {
    this.#settings = settings;
    this.#signal = signal;
  }

  /** @throws ServiceError, SmlocalError */
  async call<K extends keyof Operations>(
    operation: K,
    input: Operations[K][0],
  ): Promise<Operations[K][1]> {
    this.#loading ??= load(this.#settings);
    const { sdk, client } = await this.#loading;
    const Command = sdk[`${operation}Command`] as unknown as new (input: object) => never;
    const abortSignal = this.#signal;
    return aws(
      `s3:${operation}`,
      () => client.send(new Command(input), { abortSignal }) as Promise<Operations[K][1]>,
    );
  }

  dispose(): void {
    void this.#loading?.then(({ client }) => client.destroy());
  }
}

async function load(settings: AwsSettings): Promise<Loaded> {
  const sdk = await import('@aws-sdk/client-s3');
  const client = new sdk.S3Client({
    ...settings,
    // A private service has one host name for all its buckets.
    forcePathStyle: settings.endpoint !== undefined,
  });
  guard(client, settings);
  return { sdk, client };
}
