import type * as S3 from '@aws-sdk/client-s3';
import { isRefusal } from './call.js';
import { S3Calls } from './s3-calls.js';
import type { AwsSettings } from './settings.js';

/** Where an object of S3 is. */
export interface ObjectAddress {
  readonly bucket: string;
  readonly key: string;
}

export interface ObjectInfo {
  readonly bytes: number;
  readonly metadata: Readonly<Record<string, string>>;
  readonly etag: string;
}

/** A part of an object that has arrived. */
export interface UploadedPart {
  readonly number: number;
  readonly bytes: number;
  readonly etag: string;
  readonly crc32: string | undefined;
}

export type BucketState = 'there' | 'absent' | 'elsewhere' | 'forbidden';

/** S3, as far as a deploy needs it. Everything throws ServiceError in S3's words, and SmlocalError where S3 is not reached. */
export class Objects {
  readonly #region: string;
  readonly #s3: S3Calls;

  constructor(settings: AwsSettings, signal: AbortSignal) {
    this.#region = settings.region;
    this.#s3 = new S3Calls(settings, signal);
  }

  /** @param owner the account that the bucket must belong to: names are the whole world's, and anybody may take one */
  async bucket(bucket: string, owner: string): Promise<BucketState> {
    try {
      await this.#s3.call('HeadBucket', { Bucket: bucket, ExpectedBucketOwner: owner });
      return 'there';
    } catch (error) {
      if (isRefusal(error, 404)) return 'absent';
      if (isRefusal(error, 301, 400)) return 'elsewhere';
      if (isRefusal(error, 403)) return 'forbidden';
      throw error;
    }
  }

  async createBucket(bucket: string): Promise<void> {
    const region = this.#region;
    // The oldest region is the one that may not be named.
    const where =
      region === 'us-east-1'
        ? {}
        : {
            CreateBucketConfiguration: {
              LocationConstraint: region as S3.BucketLocationConstraint,
            },
          };
    try {
      await this.#s3.call('CreateBucket', { Bucket: bucket, ...where });
    } catch (error) {
      if (!isRefusal(error, 'BucketAlreadyOwnedByYou')) throw error;
    }
  }

  async head({ bucket, key }: ObjectAddress): Promise<ObjectInfo | undefined> {
    try {
      const {
        ContentLength = 0,
        Metadata = {},
        ETag = '',
      } = await this.#s3.call('HeadObject', {
        Bucket: bucket,
        Key: key,
      });
      return { bytes: ContentLength, metadata: Metadata, etag: ETag };
    } catch (error) {
      if (isRefusal(error, 404)) return undefined;
      throw error;
    }
  }

  /** @param sha256 of the body in hexadecimal digits, which S3 compares with what arrives */
  async put(at: ObjectAddress, body: Buffer, sha256: string, metadata: Record<string, string>) {
    await this.#s3.call('PutObject', {
      Bucket: at.bucket,
      Key: at.key,
      Body: body,
      ChecksumSHA256: Buffer.from(sha256, 'hex').toString('base64'),
      Metadata: metadata,
      ContentType: 'application/gzip',
    });
  }

  /** Deleting what is gone is no error. */
  async delete({ bucket, key }: ObjectAddress): Promise<void> {
    try {
      await this.#s3.call('DeleteObject', { Bucket: bucket, Key: key });
    } catch (error) {
      if (!isRefusal(error, 404)) throw error;
    }
  }

  /** The object's content. */
  async get({ bucket, key }: ObjectAddress): Promise<AsyncIterable<Uint8Array>> {
    const { Body } = await this.#s3.call('GetObject', { Bucket: bucket, Key: key });
    return Body as unknown as AsyncIterable<Uint8Array>;
  }

  /** Begins an upload in parts. @returns its id */
  async beginUpload(at: ObjectAddress, metadata: Record<string, string>): Promise<string> {
    const { UploadId = '' } = await this.#s3.call('CreateMultipartUpload', {
      Bucket: at.bucket,
      Key: at.key,
      Metadata: metadata,
      ContentType: 'application/gzip',
      ChecksumAlgorithm: 'CRC32',
    });
    return UploadId;
  }

  /** The uploads of exactly this object that have begun and not ended; none where they may not be listed. */
  async openUploads({ bucket, key }: ObjectAddress): Promise<string[]> {
    try {
      const { Uploads = [] } = await this.#s3.call('ListMultipartUploads', {
        Bucket: bucket,
        Prefix: key,
      });
      return Uploads.filter(({ Key }) => Key === key).flatMap(({ UploadId }) => UploadId ?? []);
    } catch (error) {
      if (isRefusal(error, 403, 404)) return [];
      throw error;
    }
  }

  /** What has arrived of an upload, or undefined where there is no such upload any more. */
  async parts(at: ObjectAddress, uploadId: string): Promise<UploadedPart[] | undefined> {
    const found: UploadedPart[] = [];
    let marker: string | undefined;
    try {
      do {
        const page = await this.#s3.call('ListParts', {
          Bucket: at.bucket,
          Key: at.key,
          UploadId: uploadId,
          PartNumberMarker: marker,
        });
        for (const { PartNumber = 0, Size = 0, ETag = '', ChecksumCRC32 } of page.Parts ?? [])
          found.push({ number: PartNumber, bytes: Size, etag: ETag, crc32: ChecksumCRC32 });
        marker = page.IsTruncated ? page.NextPartNumberMarker : undefined;
      } while (marker !== undefined);
      return found;
    } catch (error) {
      if (isRefusal(error, 'NoSuchUpload', 404)) return undefined;
      throw error;
    }
  }

  async uploadPart(
    at: ObjectAddress,
    uploadId: string,
    number: number,
    body: Buffer,
  ): Promise<UploadedPart> {
    const { ETag = '', ChecksumCRC32 } = await this.#s3.call('UploadPart', {
      Bucket: at.bucket,
      Key: at.key,
      UploadId: uploadId,
      PartNumber: number,
      Body: body,
      ChecksumAlgorithm: 'CRC32',
    });
    return { number, bytes: body.length, etag: ETag, crc32: ChecksumCRC32 };
  }

  async completeUpload(
    at: ObjectAddress,
    uploadId: string,
    parts: readonly UploadedPart[],
  ): Promise<void> {
    await this.#s3.call('CompleteMultipartUpload', {
      Bucket: at.bucket,
      Key: at.key,
      UploadId: uploadId,
      MultipartUpload: {
        Parts: parts.map(({ number, etag, crc32 }) => ({
          PartNumber: number,
          ETag: etag,
          ChecksumCRC32: crc32,
        })),
      },
    });
  }

  async abortUpload(at: ObjectAddress, uploadId: string): Promise<void> {
    try {
      await this.#s3.call('AbortMultipartUpload', {
        Bucket: at.bucket,
        Key: at.key,
        UploadId: uploadId,
      });
    } catch (error) {
      if (!isRefusal(error, 404)) throw error;
    }
  }

  dispose(): void {
    this.#s3.dispose();
  }
}
