import { GetObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import type { CaptureContentTypeHeader, DataCaptureConfig } from '@aws-sdk/client-sagemaker';

/** One captured body. */
export interface CapturedBody {
  readonly observedContentType: string;
  readonly mode: string;
  readonly data: string;
  readonly encoding: string;
}

/** One line of a captured object. */
export interface CapturedLine {
  readonly captureData: {
    readonly endpointInput?: CapturedBody;
    readonly endpointOutput?: CapturedBody;
  };
  readonly eventMetadata: {
    readonly eventId: string;
    readonly inferenceId?: string;
    readonly customAttributes?: string[];
    readonly inferenceTime: string;
  };
  readonly eventVersion: string;
}

/** What the SageMaker Python SDK says unless it is told otherwise. */
export const TEXTS: CaptureContentTypeHeader = {
  CsvContentTypes: ['text/csv'],
  JsonContentTypes: ['application/json'],
};

export function captureConfig(change: Partial<DataCaptureConfig> = {}): DataCaptureConfig {
  return {
    EnableCapture: true,
    InitialSamplingPercentage: 100,
    DestinationS3Uri: 's3://captured/here',
    CaptureOptions: [{ CaptureMode: 'Input' }, { CaptureMode: 'Output' }],
    CaptureContentTypeHeader: TEXTS,
    ...change,
  };
}

export function linesOf(text: string): CapturedLine[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as CapturedLine);
}

/** The bytes of a body, whatever its encoding. */
export function bytesOf({ data, encoding }: CapturedBody): Buffer {
  return Buffer.from(data, encoding === 'BASE64' ? 'base64' : 'utf8');
}

/** The keys of a bucket that begin so, as `S3Downloader.list` and `aws s3 ls --recursive` find them. */
export async function keysOf(client: S3Client, Bucket: string, Prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const page of paginateListObjectsV2({ client }, { Bucket, Prefix })) {
    keys.push(...(page.Contents ?? []).map(({ Key = '' }) => Key));
  }
  return keys;
}

/** Every line that has been captured under a prefix, through S3's API. */
export async function capturedIn(
  client: S3Client,
  Bucket: string,
  Prefix: string,
): Promise<CapturedLine[]> {
  const keys = await keysOf(client, Bucket, Prefix);
  const texts = await Promise.all(
    keys.map(async (Key) => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
      return (await Body?.transformToString()) ?? '';
    }),
  );
  return texts.flatMap(linesOf);
}
