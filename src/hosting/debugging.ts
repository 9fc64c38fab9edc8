import type { ContainerSpec } from '../containers/engine.js';
import type { VariantDeployment } from './records.js';

/** The port that debuggers of Python expect; published on a free one of 127.0.0.1. */
export const DEBUGGER_PORT = 5678;

/** Longer than anybody looks at a breakpoint; the toolkits and TorchServe take whole seconds. */
const PATIENCE_SECONDS = '86400';

/** Asked for by `debug: true` of config.yml, or by whoever sets the variable in a model's environment. */
const SWITCH = 'SMLOCAL_DEBUG';

/** Whether a model's workers are to be debugged: then no time-out of ours ends a call. */
export function isDebugged({ Environment }: VariantDeployment['container']): boolean {
  return Environment?.[SWITCH] === 'true';
}

/** The spec of a container whose one worker a debugger can attach to, with the servers' own time-outs out of the way. */
export function forDebugging(spec: ContainerSpec): ContainerSpec {
  return {
    ...spec,
    extraPorts: [...(spec.extraPorts ?? []), DEBUGGER_PORT],
    environment: {
      SAGEMAKER_MODEL_SERVER_WORKERS: '1',
      SAGEMAKER_MODEL_SERVER_TIMEOUT: PATIENCE_SECONDS,
      SAGEMAKER_TS_RESPONSE_TIMEOUT: PATIENCE_SECONDS,
      ...spec.environment,
      SMLOCAL_DEBUG_PORT: String(DEBUGGER_PORT),
    },
  };
}
