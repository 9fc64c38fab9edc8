/** The public library: what is exported here is kept stable; everything else may change. */
export type { Config, EndpointSettings } from './config/config.js';
export { loadConfig } from './config/load.js';
export type { Daemon, StopOptions } from './daemon/daemon.js';
export { type DaemonOptions, startDaemon } from './daemon/start-daemon.js';
export type { DaemonStatus, EndpointStatusLine } from './daemon/status.js';
export { DeployEnv, type DeployEnvOptions, type InvokeOptions } from './deploy-env/deploy-env.js';
export { ExitCode, ServiceError, SmlocalError } from './errors.js';
