import type { SageMaker } from '../aws/control-plane.js';
import { ExitCode, ServiceError, SmlocalError } from '../errors.js';
import type { Hosted } from './cost.js';

interface Described {
  readonly EndpointStatus?: string;
  readonly FailureReason?: string;
  readonly EndpointConfigName?: string;
  readonly AsyncInferenceConfig?: object;
  readonly ProductionVariants?: readonly {
    readonly VariantName?: string;
    readonly CurrentInstanceCount?: number;
    readonly CurrentServerlessConfig?: {
      readonly MemorySizeInMB?: number;
      readonly MaxConcurrency?: number;
    };
  }[];
}

interface DescribedConfig {
  readonly ProductionVariants?: readonly {
    readonly VariantName?: string;
    readonly InstanceType?: string;
  }[];
}

/** An endpoint, or one variant of it. */
export interface Address {
  readonly endpointName: string;
  readonly variantName?: string;
}

/** Those in which an endpoint serves. */
const SERVING = ['InService', 'Updating', 'SystemUpdating', 'RollingBack'];

/**
 * What serves behind an address, before anything is sent there.
 * @returns its variants; undefined where these credentials may invoke, but may not look
 * @throws SmlocalError where it is not there, does not serve, or has no such variant
 */
export async function lookUp(
  control: SageMaker['control'],
  { endpointName, variantName }: Address,
  isLocal: boolean,
): Promise<readonly Hosted[] | undefined> {
  let endpoint: Described;
  let config: DescribedConfig;
  try {
    endpoint = (await control('DescribeEndpoint', { EndpointName: endpointName })) as Described;
    refuseSilent(endpoint, endpointName, isLocal);
    const { EndpointConfigName } = endpoint;
    config = (await describeConfig(control, EndpointConfigName)) ?? {};
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    if (/AccessDenied|NotAuthorized|Unauthorized/.test(error.code)) return undefined;
    throw missing(error, endpointName, isLocal);
  }
  const types = new Map(
    config.ProductionVariants?.map((one) => [one.VariantName, one.InstanceType]),
  );
  const all = (endpoint.ProductionVariants ?? []).map((one): Hosted => {
    const { VariantName = '', CurrentInstanceCount, CurrentServerlessConfig: serverless } = one;
    return {
      variantName: VariantName,
      instanceType: types.get(VariantName),
      instanceCount: serverless === undefined ? CurrentInstanceCount : undefined,
      serverlessMemoryMb: serverless?.MemorySizeInMB,
      serverlessMostAtOnce: serverless?.MaxConcurrency,
    };
  });
  if (variantName === undefined) return all;
  const chosen = all.filter((one) => one.variantName === variantName);
  if (chosen.length > 0) return chosen;
  throw new SmlocalError(`The endpoint ${endpointName} has no variant ${variantName}.`, {
    hint: `It has ${all.map((one) => one.variantName).join(', ')}.`,
    exitCode: ExitCode.usage,
  });
}

/** A config may be gone while its endpoint serves. */
async function describeConfig(control: SageMaker['control'], EndpointConfigName?: string) {
  try {
    return (await control('DescribeEndpointConfig', { EndpointConfigName })) as DescribedConfig;
  } catch (error) {
    if (error instanceof ServiceError) return undefined;
    throw error;
  }
}

function refuseSilent(endpoint: Described, endpointName: string, isLocal: boolean): void {
  const { EndpointStatus = 'unknown', FailureReason, AsyncInferenceConfig } = endpoint;
  if (AsyncInferenceConfig !== undefined) {
    throw new SmlocalError(`${endpointName} is asynchronous, and "smlocal bench" asks at once.`, {
      hint: 'Measure its model in an environment without "async", locally for example.',
      exitCode: ExitCode.usage,
    });
  }
  if (SERVING.includes(EndpointStatus)) return;
  const why = FailureReason === undefined ? '' : `: ${FailureReason}`;
  throw new SmlocalError(`${endpointName} is ${EndpointStatus}${why}`, {
    hint:
      EndpointStatus === 'Creating'
        ? `Wait until it is InService: ${whereToLook(endpointName, isLocal)}`
        : `Type ${isLocal ? `"smlocal logs ${endpointName}"` : whereToLook(endpointName, isLocal)} to see why.`,
    exitCode: ExitCode.endpointFailed,
  });
}

function whereToLook(endpointName: string, isLocal: boolean): string {
  return isLocal
    ? '"smlocal status"'
    : `"aws sagemaker describe-endpoint --endpoint-name ${endpointName}"`;
}

function missing(error: ServiceError, endpointName: string, isLocal: boolean): SmlocalError {
  const isAbsent = /^Could not find/.test(error.message);
  const list = isLocal ? '"smlocal status"' : '"aws sagemaker list-endpoints"';
  return new SmlocalError(
    isAbsent ? `There is no endpoint ${endpointName}.` : `${error.code}: ${error.message}`,
    {
      hint: isAbsent
        ? `Type ${list} to see which there are.`
        : 'Check the name, the credentials (AWS_PROFILE, aws_profile in config.yml) and the region.',
      exitCode: ExitCode.endpointFailed,
      cause: error,
    },
  );
}
