import type {
  AsyncInferenceConfig,
  CaptureContentTypeHeader,
  CaptureMode,
  CreateEndpointConfigCommandInput,
  CreateModelCommandInput,
  DataCaptureConfig,
} from '@aws-sdk/client-sagemaker';
import type { EndpointSettings } from '../config/config.js';

/** What an endpoint config has beside its variants; nothing where config.yml says nothing of it. */
export function configExtras({
  async,
  dataCapture,
  kmsKey,
}: EndpointSettings): Partial<CreateEndpointConfigCommandInput> {
  return {
    ...(async === undefined ? {} : { AsyncInferenceConfig: asyncConfig(async) }),
    ...(dataCapture === undefined ? {} : { DataCaptureConfig: captureConfig(dataCapture) }),
    ...(kmsKey === undefined ? {} : { KmsKeyId: kmsKey }),
  };
}

/** The VPC of a model. */
export function vpcOf({ vpc }: EndpointSettings): Pick<CreateModelCommandInput, 'VpcConfig'> {
  if (vpc === undefined) return {};
  return { VpcConfig: { Subnets: vpc.subnets, SecurityGroupIds: vpc.security_group_ids } };
}

function asyncConfig(async: NonNullable<EndpointSettings['async']>): AsyncInferenceConfig {
  const { success_topic: SuccessTopic, error_topic: ErrorTopic } = async;
  const perInstance = async.max_concurrent_invocations_per_instance;
  return {
    OutputConfig: {
      S3OutputPath: async.s3_output_path,
      S3FailurePath: async.s3_failure_path,
      KmsKeyId: async.kms_key,
      ...(SuccessTopic === undefined && ErrorTopic === undefined
        ? {}
        : { NotificationConfig: { SuccessTopic, ErrorTopic } }),
    },
    ...(perInstance === undefined
      ? {}
      : { ClientConfig: { MaxConcurrentInvocationsPerInstance: perInstance } }),
  };
}

const EVERYTHING: readonly CaptureMode[] = ['Input', 'Output'];

/** As the SageMaker Python SDK has it: else CSV and JSON too would be captured in base64. */
const TEXTS: CaptureContentTypeHeader = {
  CsvContentTypes: ['text/csv'],
  JsonContentTypes: ['application/json'],
};

function captureConfig(capture: NonNullable<EndpointSettings['dataCapture']>): DataCaptureConfig {
  return {
    EnableCapture: true,
    InitialSamplingPercentage: capture.sampling_percentage ?? 100,
    DestinationS3Uri: capture.destination_s3_uri,
    KmsKeyId: capture.kms_key,
    CaptureOptions: (capture.capture ?? EVERYTHING).map((CaptureMode) => ({ CaptureMode })),
    CaptureContentTypeHeader: TEXTS,
  };
}
