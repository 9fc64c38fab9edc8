import type { Prepared } from '../deploy/deploy.js';
import { execute, type PushImage, whatExists } from '../deploy/execute.js';
import type { Step } from '../deploy/plan.js';
import type { Target } from '../deploy/target.js';
import { ExitCode, ServiceError, SmlocalError } from '../errors.js';
import { describeStep } from './deploy-text.js';
import { LiveLine } from './live-line.js';
import type { Terminal } from './terminal.js';

interface RunOptions {
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  readonly push: PushImage;
}

/**
 * Does what was planned for one endpoint, and says each thing as it is done.
 * @throws SmlocalError that says what exists now and how to go on
 */
export async function carryOut(
  target: Target,
  { wanted, plan, pending, facts }: Prepared,
  { terminal, signal, push }: RunOptions,
): Promise<void> {
  const { endpointName } = wanted.manifest;
  const live = new LiveLine(process.stdout);
  const done: Step[] = [];
  let current: Step | undefined;
  try {
    await execute(plan, {
      target,
      wanted,
      pending,
      arrived: facts.arrived,
      push,
      signal,
      onStep: (step) => {
        current = step;
      },
      onDone: (step) => {
        live.end();
        terminal.clear();
        done.push(step);
        if (!step.kind.startsWith('wait'))
          terminal.line(`${endpointName}: ${describeStep(step)}: done`);
      },
      onProgress: (progress) => void terminal.progress(endpointName, progress),
      onState: (state) => live.show(`${endpointName}: ${state}`),
    });
  } catch (error) {
    throw halfWay(error, { endpointName, current, done, interrupted: signal.aborted });
  } finally {
    live.end();
    terminal.clear();
  }
  if (plan.steps.length === 0) return;
  const { EndpointConfigName } = wanted.manifest.endpointConfig;
  terminal.line(`${endpointName}: InService with ${EndpointConfigName}, after ${live.elapsed}`);
}

interface Halfway {
  readonly endpointName: string;
  readonly current: Step | undefined;
  readonly done: readonly Step[];
  readonly interrupted: boolean;
}

/** What went wrong, what exists now, and how to go on. */
function halfWay(error: unknown, { endpointName, current, done, interrupted }: Halfway): unknown {
  const isKnown = error instanceof SmlocalError || error instanceof ServiceError;
  if (!interrupted && !isKnown) return error;
  const at = current === undefined ? '' : ` at ${describeStep(current)}`;
  const what = interrupted ? `Interrupted${at}.` : `Failed${at}: ${wordsOf(error)}`;
  const exists = whatExists(done);
  const soFar =
    exists.length === 0
      ? `Nothing of ${endpointName} was changed before that.`
      : `Done before that:\n${exists.map((line) => `  ${line}`).join('\n')}`;
  return new SmlocalError(`${what}\n${soFar}\n${afterwards(endpointName, current, done)}`, {
    hint: hintOf(error, interrupted),
    exitCode: interrupted
      ? ExitCode.interrupted
      : error instanceof SmlocalError
        ? error.exitCode
        : ExitCode.failed,
    cause: error,
  });
}

export function wordsOf(error: unknown): string {
  if (error instanceof ServiceError) return `${error.code}: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}

/** What serves: an endpoint that is asked for something goes on by itself. */
function afterwards(
  endpointName: string,
  current: Step | undefined,
  done: readonly Step[],
): string {
  const kinds = [...done.map(({ kind }) => kind), current?.kind];
  if (kinds.includes('create-endpoint'))
    return `The endpoint ${endpointName} may be on its way; it has been asked for.`;
  if (kinds.includes('update-endpoint'))
    return `The endpoint ${endpointName} serves what it served until its update is done.`;
  return `The endpoint ${endpointName} is as it was.`;
}

function hintOf(error: unknown, interrupted: boolean): string {
  const again = 'Type the same again to go on: what is done is found, and not done twice.';
  const own = !interrupted && error instanceof SmlocalError ? error.hint : undefined;
  if (own !== undefined) return `${own}\n  ${again}`;
  if (!interrupted && error instanceof ServiceError && error.statusCode === 403) {
    return `The credentials may not do that: give them the permission. ${again}`;
  }
  return again;
}
