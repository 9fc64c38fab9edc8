import { z } from 'zod';
import { endpoint, endpointShape } from './endpoint-schema.js';
import { s3Schema } from './s3-schema.js';

const region = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be a region such as us-east-1');

const account = z.string().regex(/^\d{12}$/, 'must be twelve digits, in quotes');

const endpoints = z.record(z.string(), endpoint);

const environment = z
  .strictObject({
    ...endpointShape,
    bucket: z.string().describe('Where packages go; the account’s default bucket otherwise.'),
    aws_profile: z.string().describe('The profile of ~/.aws that deploys.'),
    account: account.describe('The account that the credentials must be of.'),
    region: region.describe('The AWS region.'),
    keep_versions: z.int().min(0).describe('Earlier versions that stay. Default 1.'),
    endpoints: endpoints.describe('Several endpoints; they have the keys of this block.'),
  })
  .partial();

const host = z
  .string()
  .regex(
    /^(localhost|[0-9.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*)$/,
    'must be an IP address of this machine',
  );

const hostName = z
  .string()
  .regex(
    /^(\*\.)?[A-Za-z0-9._-]+$/,
    'must be a host name without a port; *. stands for any name below it',
  );

const accessKeys = z.record(
  z.string().regex(/^\w+$/, 'must be an access key id'),
  z.string().min(1),
);

const watch = z.strictObject({
  ignore: z.array(z.string()).describe('Patterns as in .gitignore.'),
  polling: z.boolean().describe('Look at the files every so often, where no events come.'),
});

const limits = z.strictObject({
  max_model_bytes: z.int().min(1).describe('Of an unpacked archive.'),
  max_model_entries: z.int().min(1).describe('Of an unpacked archive.'),
});

/** config.yml as it is written. What is described here is what editors show. */
export const fileSchema = z
  .strictObject({
    environments: z
      .record(z.string(), environment)
      .describe('"smlocal up" serves the block local; the others have the keys of default.'),
    endpoints: endpoints.describe('Several endpoints; they have the keys of the local block.'),
    host: host.describe('The address that is listened on. Default 127.0.0.1.'),
    verify_signatures: z.boolean().describe('Answer signed requests only.'),
    access_keys: accessKeys.describe('Access key ids to their secrets.'),
    allowed_hosts: z.array(hostName).describe('Further names that requests may be addressed to.'),
    port: z.int().min(1).max(65535).describe('Default 4577.'),
    region: region.describe('For requests that are not signed. Default AWS_REGION.'),
    account: account.describe('The account that smlocal is. Default 000000000000.'),
    platform: z
      .string()
      .regex(/^[a-z0-9]+\/[a-z0-9]+(\/[a-z0-9]+)?$/, 'must be such as linux/amd64')
      .describe('Of the images; the engine’s own by default.'),
    images: z
      .record(z.string(), z.string())
      .describe('What stands in for images that cannot be had here; * matches anything.'),
    engine: z.enum(['auto', 'docker', 'process']).describe('What runs the serving containers.'),
    s3: s3Schema(region).describe(
      'Which buckets are another S3’s; "passthrough" alone: all that are not here.',
    ),
    watch: watch.partial().describe('What is watched for changes.'),
    limits: limits.partial().describe('Limits of model data.'),
  })
  .partial();

export type ConfigFile = z.infer<typeof fileSchema>;
export type { EndpointBlock } from './endpoint-schema.js';
export type EnvironmentBlock = z.infer<typeof environment>;
