import { z } from 'zod';

/** `local` is this machine; production takes AWS's types. */
const instanceType = z
  .string()
  .regex(/^(local|ml\.[a-z0-9-]+\.[a-z0-9]+)$/, 'must be "local" or an ml.… instance type');

const scalar = z.union([z.string(), z.number(), z.boolean()]);

const seconds = z.int().min(60).max(3600);

/** The document's own four keys, and what a project needs beside them. */
const endpointShape = {
  model_name: z.string(),
  endpoint_name: z.string(),
  aws_role: z.string(),
  instance_type: instanceType,
  model_data_path: z.string().regex(/^(file|s3):\/\//, 'must start with file:// or s3://'),
  image: z.string(),
  source_dir: z.string(),
  entry_point: z.string(),
  environment: z.record(z.string(), scalar),
  initial_instance_count: z.int().min(1),
  container_startup_health_check_timeout: seconds,
  model_data_download_timeout: seconds,
  tags: z.record(z.string(), scalar),
  python: z.string(),
  command: z.string(),
  debug: z.boolean(),
  reload: z.enum(['beside', 'restart']),
};

const endpoint = z.strictObject(endpointShape).partial();

const region = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be a region such as us-east-1');

const account = z.string().regex(/^\d{12}$/, 'must be twelve digits, in quotes');

const environment = z
  .strictObject({
    ...endpointShape,
    bucket: z.string(),
    aws_profile: z.string(),
    account,
    region,
    keep_versions: z.int().min(0),
    endpoints: z.record(z.string(), endpoint),
  })
  .partial();

/** config.yml as it is written. */
export const fileSchema = z
  .strictObject({
    environments: z.record(z.string(), environment),
    endpoints: z.record(z.string(), endpoint),
    host: z
      .string()
      .regex(
        /^(localhost|[0-9.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*)$/,
        'must be an IP address of this machine',
      ),
    verify_signatures: z.boolean(),
    access_keys: z.record(z.string().regex(/^\w+$/, 'must be an access key id'), z.string().min(1)),
    allowed_hosts: z.array(
      z
        .string()
        .regex(
          /^(\*\.)?[a-z0-9._-]+$/i,
          'must be a host name without a port; *. stands for any name below it',
        ),
    ),
    port: z.int().min(1).max(65535),
    region,
    account,
    platform: z
      .string()
      .regex(/^[a-z0-9]+\/[a-z0-9]+(\/[a-z0-9]+)?$/, 'must be such as linux/amd64'),
    images: z.record(z.string(), z.string()),
    engine: z.enum(['auto', 'docker', 'process']),
    watch: z.strictObject({ ignore: z.array(z.string()), polling: z.boolean() }).partial(),
    limits: z
      .strictObject({ max_model_bytes: z.int().min(1), max_model_entries: z.int().min(1) })
      .partial(),
  })
  .partial();

export type ConfigFile = z.infer<typeof fileSchema>;
export type EndpointBlock = z.infer<typeof endpoint>;
export type EnvironmentBlock = z.infer<typeof environment>;
