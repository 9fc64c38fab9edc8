import type { DataCaptureConfig } from '@aws-sdk/client-sagemaker';

/** Which bodies are written as they are, by their media types; every other is in base64. */
export interface TextTypes {
  readonly csv: readonly string[];
  readonly json: readonly string[];
}

/** What an endpoint's `DataCaptureConfig` comes to. */
export interface CaptureSettings {
  /** How many of a hundred requests, each by a lot of its own. */
  readonly percentage: number;
  readonly input: boolean;
  readonly output: boolean;
  readonly types: TextTypes;
  /** `s3://BUCKET/PREFIX`, or S3's address of it. */
  readonly destination: string;
  readonly kmsKey: string | undefined;
}

/** Whether anything is captured: unless `EnableCapture` says no (API reference, DataCaptureConfig: "defaults to enabled"). */
export function isCapturing({ EnableCapture }: DataCaptureConfig): boolean {
  return EnableCapture ?? true;
}

/**
 * Reads a config; undefined where nothing is captured. Without `CaptureContentTypeHeader` every body is in base64 (API
 * reference); the SageMaker Python SDK names `text/csv` and `application/json` unless it is told otherwise.
 */
export function captureSettings(
  config: DataCaptureConfig | undefined,
): CaptureSettings | undefined {
  if (config === undefined || !isCapturing(config)) return undefined;
  const { CaptureOptions = [], CaptureContentTypeHeader: types } = config;
  const modes = CaptureOptions.map(({ CaptureMode }) => CaptureMode);
  const either = modes.includes('InputAndOutput');
  return {
    percentage: config.InitialSamplingPercentage ?? 0,
    input: either || modes.includes('Input'),
    output: either || modes.includes('Output'),
    types: { csv: lower(types?.CsvContentTypes), json: lower(types?.JsonContentTypes) },
    destination: config.DestinationS3Uri ?? '',
    kmsKey: config.KmsKeyId || undefined,
  };
}

function lower(types: readonly string[] = []): string[] {
  return types.map((type) => type.toLowerCase());
}
