import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { ArchiveError } from '../artifacts/archive-error.js';
import { checkGzip, SNIFFED_BYTES } from '../artifacts/sniff.js';
import type { EndpointSettings } from '../config/config.js';
import { hasGpu } from '../config/frameworks.js';
import { loadContract } from '../contract/contract.js';
import { parseInput } from '../contract/parse.js';
import { type Violation, validate } from '../contract/validate.js';
import { ExitCode, ServiceError, SmlocalError } from '../errors.js';
import type { Manifest } from './manifest.js';

/** What SageMaker's inference toolkit runs where no entry point is named. */
const DEFAULT_ENTRY_POINT = 'inference.py';

/** AWS's images that run a handler by the toolkit. */
const RUNS_HANDLERS = /\.dkr\.ecr\.[^/]+\/(huggingface-)?pytorch-inference[:@]/;

const AWS_IMAGE = /\.dkr\.ecr\.[^/]+\/[^:@]*-inference:([^@]+)/;

/**
 * What AWS would say no to after the upload, or only once the endpoint has failed: of an endpoint as config.yml has it.
 * @returns a line each
 */
export function endpointFaults(settings: EndpointSettings): string[] {
  return [...gpuFaults(settings), ...serverlessFaults(settings)];
}

function gpuFaults({ image, variants }: EndpointSettings): string[] {
  const tag = AWS_IMAGE.exec(image)?.[1] ?? '';
  if (!/(^|-)gpu(-|$)/.test(tag)) return [];
  return variants
    .filter(({ instanceType = 'serverless' }) => !hasGpu(instanceType))
    .map(
      ({ name, instanceType = 'serverless' }) =>
        `the image ${tag} needs a GPU, and variant ${name} (${instanceType}) has none; take the -cpu- image or an ml.g… type`,
    );
}

/** "Feature exclusions" of serverless inference in the SageMaker developer guide. */
function serverlessFaults({ variants, vpc, dataCapture, async }: EndpointSettings): string[] {
  if (!variants.some(({ serverless }) => serverless !== undefined)) return [];
  const beside = { vpc, data_capture: dataCapture, async, 'several variants': variants[1] };
  return Object.entries(beside).flatMap(([name, value]) =>
    value === undefined ? [] : [`serverless endpoints cannot have ${name}`],
  );
}

/**
 * What of a manifest AWS’s service model does not allow: names, lengths, instance types, numbers of tags.
 * @returns a line each; values of environment variables are in none
 */
export function manifestFaults(manifest: Manifest): string[] {
  const contract = loadContract('sagemaker');
  const { endpointName: EndpointName, endpointConfig, model, tags: Tags } = manifest;
  const { EndpointConfigName } = endpointConfig;
  const inputs = {
    CreateModel: model,
    CreateEndpointConfig: endpointConfig,
    CreateEndpoint: { EndpointName, EndpointConfigName, Tags },
  };
  return Object.entries(inputs).flatMap(([operation, input]) => {
    try {
      const sent = parseInput(contract, operation, JSON.parse(JSON.stringify(input)));
      return validate(contract, operation, sent).map((one) => `${operation}: ${worded(one)}`);
    } catch (error) {
      if (error instanceof ServiceError) return [`${operation}: ${error.message}`];
      throw error;
    }
  });
}

function worded({ path, value, constraint }: Violation): string {
  const isSecret = /environment/i.test(path) || value === undefined || value === null;
  return `${path}${isSecret ? '' : ` "${value}"`}: ${constraint}`;
}

/**
 * The archives of several models are not uploaded: which of them are whole, and which of those in S3 are still wanted, is not
 * for a deploy to guess.
 * @throws SmlocalError where they are on this machine alone
 */
export function checkMultiModel({
  endpointName,
  multiModel,
  modelDataUrl,
}: EndpointSettings): void {
  if (multiModel === undefined || modelDataUrl?.startsWith('s3://')) return;
  throw new SmlocalError(
    `${endpointName} has mode MultiModel and its archives on this machine, which a deploy does not upload.`,
    {
      hint: 'Type "aws s3 sync FOLDER s3://BUCKET/PREFIX/", and set model_data_path to that prefix in the environment’s block.',
      exitCode: ExitCode.usage,
    },
  );
}

/**
 * What of this machine's files SageMaker could not use.
 * @throws SmlocalError where the handler is not there
 */
export function checkHandler({
  endpointName,
  image,
  sourceDirectory,
  entryPoint,
}: EndpointSettings): void {
  if (sourceDirectory === undefined || !existsSync(sourceDirectory)) return;
  const file = entryPoint ?? (RUNS_HANDLERS.test(image) ? DEFAULT_ENTRY_POINT : undefined);
  if (file === undefined || existsSync(join(sourceDirectory, file))) return;
  throw new SmlocalError(`${endpointName} has no ${file} in ${sourceDirectory}.`, {
    hint: 'Set entry_point in config.yml to the handler’s file, relative to source_dir.',
    exitCode: ExitCode.usage,
  });
}

/** @throws SmlocalError where an archive that goes as it is is none that SageMaker reads */
export async function checkArchive(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    const head = Buffer.alloc(SNIFFED_BYTES);
    const { bytesRead } = await file.read(head, 0, SNIFFED_BYTES, 0);
    checkGzip(head.subarray(0, bytesRead));
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error;
    throw new SmlocalError(`${path} is no model archive: ${error.message}`, {
      hint: error.hint,
      cause: error,
    });
  } finally {
    await file.close();
  }
}

/** @throws SmlocalError with a line for each fault */
export function refuseFaults(endpointName: string, faults: readonly string[]): void {
  if (faults.length === 0) return;
  throw new SmlocalError(
    `AWS would refuse ${endpointName}:\n${faults.map((fault) => `  ${fault}`).join('\n')}`,
    { hint: 'Correct config.yml; nothing was changed.', exitCode: ExitCode.usage },
  );
}
