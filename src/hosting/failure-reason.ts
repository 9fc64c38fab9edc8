import type { ExitStatus } from '../containers/engine.js';
import { explainExit } from '../containers/start-errors.js';

/** The most that `FailureReason` holds, by the service model. */
const LIMIT = 1024;

/** Why an instance did not come up, in the service's words where they are known (contract.md, F.2), then in ours. */
export class BringUpError extends Error {
  override readonly name = 'BringUpError';
}

/** It was given up before it was known whether it would come up. */
export class Superseded extends BringUpError {
  constructor() {
    super('A newer change takes its place.');
  }
}

export function imageFailure(variantName: string, reason: string): BringUpError {
  return new BringUpError(
    `Please make sure all images included in the model for the production variant ${variantName} exist, and that the execution role used to create the model has permissions to access them. ${reason}`,
  );
}

/** AWS says the first sentence when the model is made (aws/deep-learning-containers#2131). */
export function multiModelLabelFailure(image: string, label: string): BringUpError {
  return new BringUpError(
    `Your Ecr Image ${image} does not contain required ${label}=true Docker label(s). Where it has the API for several models, add to its Dockerfile: LABEL ${label}=true`,
  );
}

export function modelDataFailure(url: string, reason: string): BringUpError {
  return new BringUpError(
    `Failed to download model data for container "container_1" from URL: "${url}". Please ensure that there is an object located at the URL and that the role passed to CreateModel has permissions to download the object. ${reason}`,
  );
}

export function startFailure(variantName: string, reason: string): BringUpError {
  return new BringUpError(`${cannotStart(variantName)} ${reason}`);
}

export function exitFailure(
  variantName: string,
  exit: ExitStatus,
  lastLines: readonly string[],
): BringUpError {
  const why = explainExit(exit, lastLines.at(-1));
  const how = `The container exited with code ${exit.exitCode}${why === undefined ? '' : ` (${why})`}.`;
  return new BringUpError(withLog(`${cannotStart(variantName)} ${how}`, lastLines));
}

/** What SageMaker would only show once the endpoint is invoked. */
export function handlerFailure(variantName: string, traceback: string): BringUpError {
  const head = `The handler of production variant ${variantName} cannot be loaded.`;
  return new BringUpError(`${head} ${traceback.slice(-(LIMIT - head.length - 1))}`);
}

export function pingFailure(
  variantName: string,
  waitedSeconds: number,
  lastAnswer: string,
  lastLines: readonly string[],
): BringUpError {
  const head = `The primary container for production variant ${variantName} did not pass the ping health check. Please check CloudWatch logs for this endpoint. No 200 from /ping in ${waitedSeconds} s (${lastAnswer}).`;
  return new BringUpError(withLog(head, lastLines));
}

/** `FailureReason` cut to what the service model allows. */
export function failureReason(message: string): string {
  return message.length <= LIMIT ? message : `${message.slice(0, LIMIT - 1)}…`;
}

function cannotStart(variantName: string): string {
  return `CannotStartContainerError. Please ensure the model container for variant ${variantName} starts correctly when invoked with 'docker run <image> serve'.`;
}

/** Ends with as many of the last lines as fit, for the last line says most. */
function withLog(head: string, lastLines: readonly string[]): string {
  const label = ' Last log lines: ';
  let log = lastLines.join('\n');
  const room = LIMIT - head.length - label.length;
  if (log.length > room) log = `…${log.slice(log.length - room + 1)}`;
  return log === '' ? `${head} It logged nothing.` : `${head}${label}${log}`;
}
