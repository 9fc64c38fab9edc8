/** smlocal checks no key, unless it is told to; the SDKs want one all the same. */
export const LOCAL_CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' } as const;

/** What smlocal answers for, as the SDKs write a service's id in a variable. */
const SERVICES = ['SAGEMAKER', 'SAGEMAKER_RUNTIME', 'S3', 'STS', 'IAM', 'ECR'];

/** Variables that would lead an SDK elsewhere, or to other credentials. */
export const UNSET_VARIABLES = [
  'AWS_PROFILE',
  'AWS_DEFAULT_PROFILE',
  'AWS_SESSION_TOKEN',
  'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS',
];

/**
 * The environment in which every AWS SDK and the aws command line find smlocal, in place of AWS. Names as the SDKs and tools
 * reference guide has them ("Service-specific endpoints"); it is what `smlocal env` prints.
 */
export function localVariables({
  url,
  region,
  credentials = LOCAL_CREDENTIALS,
}: {
  url: string;
  region: string;
  /** What it verifies signatures with, where it does. */
  credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}) {
  const endpoints = SERVICES.map((service) => [`AWS_ENDPOINT_URL_${service}`, url]);
  return {
    AWS_ENDPOINT_URL: url,
    ...(Object.fromEntries(endpoints) as Record<string, string>),
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    // Else an SDK that misses something would ask the network for it, and wait.
    AWS_EC2_METADATA_DISABLED: 'true',
    // Else botocore asks stream-127.0.0.1 for a Live Tail, a host that is none.
    AWS_DISABLE_HOST_PREFIX_INJECTION: 'true',
  };
}
