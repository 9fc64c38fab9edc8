import { z } from 'zod';
import { FRAMEWORK_NAMES } from './frameworks.js';
import { endpointTest } from './test-schema.js';

/** `local` is this machine; production takes AWS's types. */
const instanceType = z
  .string()
  .regex(
    /^(local|local_gpu|ml\.[a-z0-9-]+\.[a-z0-9]+)$/,
    'must be "local", "local_gpu" or an ml.… instance type',
  );

export const scalar = z.union([z.string(), z.number(), z.boolean()], {
  error: 'must be a text, a number, true or false',
});

const seconds = z.int().min(60).max(3600);
const count = z.int().min(1);
const folderInS3 = z.string().regex(/^s3:\/\/./, 'must start with s3://');
const topic = z.string().regex(/^arn:[^:]+:sns:/, 'must be the ARN of an SNS topic');
const kmsKey = z.string().min(1);

const MEMORY_SIZES = [1024, 2048, 3072, 4096, 5120, 6144] as const;

const serverless = z.strictObject({
  memory_size_in_mb: z
    .literal(MEMORY_SIZES, { error: `must be one of ${MEMORY_SIZES.join(', ')}` })
    .describe('Memory of the container.'),
  max_concurrency: count.describe('Requests at one time.'),
  provisioned_concurrency: count.describe('Kept warm.').optional(),
});

const async = z.strictObject({
  s3_output_path: folderInS3.describe('Where answers are put.'),
  s3_failure_path: folderInS3.describe('Where failures are put.').optional(),
  max_concurrent_invocations_per_instance: count.describe('Requests at one time.').optional(),
  success_topic: topic.describe('An SNS topic that is told of answers.').optional(),
  error_topic: topic.describe('An SNS topic that is told of failures.').optional(),
  kms_key: kmsKey.describe('The key that answers are encrypted with.').optional(),
});

const dataCapture = z.strictObject({
  destination_s3_uri: folderInS3.describe('Where what is captured is put.'),
  sampling_percentage: z.int().min(0).max(100).describe('Of the requests. Default 100.').optional(),
  capture: z
    .array(z.enum(['Input', 'Output', 'InputAndOutput']))
    .min(1)
    .describe('What of each request. Default [Input, Output].')
    .optional(),
  kms_key: kmsKey.describe('The key that it is encrypted with.').optional(),
});

const vpc = z.strictObject({
  subnets: z.array(z.string()).min(1).describe('Their ids.'),
  security_group_ids: z.array(z.string()).min(1).describe('Their ids.'),
});

/** What the variants of one endpoint differ in. */
const variantShape = {
  instance_type: instanceType.describe('"local", "local_gpu", or one of AWS’s, as ml.m5.xlarge.'),
  initial_instance_count: count.describe('Instances. Default 1.'),
  serverless: serverless.describe('In place of instances.'),
  container_startup_health_check_timeout: seconds.describe('Seconds until it must answer /ping.'),
  model_data_download_timeout: seconds.describe('Seconds for the model data.'),
};

const variant = z
  .strictObject({
    ...variantShape,
    initial_variant_weight: z
      .number()
      .min(0)
      .describe('Share of the traffic, against the other variants’. Default 1.'),
  })
  .partial();

/** The document's own four keys, and what a project needs beside them. */
export const endpointShape = {
  model_name: z
    .string()
    .describe('The model’s name; the endpoint’s too, unless endpoint_name is set.'),
  endpoint_name: z.string().describe('The endpoint’s name, where it is not the model’s.'),
  aws_role: z.string().describe('The execution role, by its name or ARN.'),
  model_data_path: z
    .string()
    .regex(/^(file|s3):\/\//, 'must start with file:// or s3://')
    .describe('An archive or a folder: file://, relative to this file, or s3://.'),
  mode: z
    .enum(['SingleModel', 'MultiModel'])
    .describe('MultiModel: model_data_path is a folder of archives, and each request names one.'),
  model_cache_setting: z
    .enum(['Enabled', 'Disabled'])
    .describe('With mode MultiModel: whether models stay loaded. Default Enabled.'),
  image: z.string().describe('The serving image. Or name a framework.'),
  framework: z.enum(FRAMEWORK_NAMES).describe('AWS’s own image of this framework.'),
  framework_version: z
    .string()
    .regex(/^\d+(\.\d+)*(-\d+)?$/, 'must be such as "2.6.0" or "1.2-1", in quotes')
    .describe('The framework’s version, as the image’s tag has it. In quotes.'),
  py_version: z
    .string()
    .regex(/^py\d+$/, 'must be such as py312')
    .describe('The Python of the image, as its tag has it: py312.'),
  source_dir: z.string().describe('The handler’s folder, shown at /opt/ml/model/code.'),
  entry_point: z.string().describe('The handler’s file in source_dir.'),
  environment: z.record(z.string(), scalar).describe('Environment variables of the container.'),
  tags: z.record(z.string(), scalar).describe('Tags of all that is made for it.'),
  ...variantShape,
  variants: z
    .record(z.string(), variant)
    .describe('Several variants of the same model, by name, where one is not enough.'),
  async: async.describe('Asynchronous inference.'),
  data_capture: dataCapture.describe('Requests and answers kept in S3.'),
  vpc: vpc.describe('The VPC that the model’s containers are in.'),
  kms_key: kmsKey.describe('The key that the instances’ volumes are encrypted with.'),
  tests: z
    .record(z.string(), endpointTest)
    .describe('Requests that "smlocal test" sends, by name, and what is expected.'),
  python: z.string().describe('Without Docker: an interpreter or a virtual environment.'),
  command: z.string().describe('Without Docker: a server of your own, as a line for the shell.'),
  debug: z.boolean().describe('Locally: one worker, to which a debugger can attach.'),
  reload: z
    .enum(['beside', 'restart'])
    .describe('Locally: whether a new container starts before the old one goes.'),
};

export const endpoint = z.strictObject(endpointShape).partial();

export type EndpointBlock = z.infer<typeof endpoint>;
export type VariantBlock = z.infer<typeof variant>;
export type ServerlessBlock = z.infer<typeof serverless>;
