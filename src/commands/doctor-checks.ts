import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { totalmem } from 'node:os';
import { dirname } from 'node:path';
import type { Config, EndpointSettings } from '../config/config.js';
import { engineFacts } from '../containers/engine-facts.js';
import { resolveImage } from '../containers/image-map.js';
import { canMount } from '../containers/process/mount-namespace.js';
import { findPython } from '../containers/process/python.js';
import { createLocalImages, type LocalImages } from '../containers/push.js';
import { listen } from '../daemon/listen.js';
import { findDaemon } from '../daemon/running.js';
import type { StateFolder } from '../daemon/state-folder.js';
import { SmlocalError } from '../errors.js';

/** What has been looked at, and how to mend it where it is not right. */
export interface Finding {
  readonly subject: string;
  readonly state: 'ok' | 'warning' | 'fault';
  readonly found: string;
  readonly mend?: string;
}

const GIGABYTE = 1e9;

/** Below these a deep learning image does not fit, or not run. */
const LITTLE_DISK = 10 * GIGABYTE;
const LITTLE_MEMORY = 4 * GIGABYTE;

const gigabytes = (bytes: number) => `${(bytes / GIGABYTE).toFixed(1)} GB`;

/** A finding of an error for people: what it says, and its hint as the way to mend it. */
export function fault(subject: string, error: unknown, state: Finding['state'] = 'fault'): Finding {
  if (!(error instanceof SmlocalError)) throw error;
  return { subject, state, found: error.message, mend: error.hint };
}

/** Docker: whether it answers, what it is, and each image of the endpoints. */
export async function engineFindings(config: Config): Promise<Finding[]> {
  const subject = 'engine';
  if (config.engine === 'process') {
    return [{ subject, state: 'ok', found: 'processes of this machine (engine: process)' }];
  }
  try {
    const { version, platform, memoryBytes } = await engineFacts();
    const found = `Docker ${version}, ${platform}, ${gigabytes(memoryBytes)} of memory`;
    const engine: Finding = { subject, state: 'ok', found };
    const memory = memoryBytes >= LITTLE_MEMORY ? [] : [littleMemory(memoryBytes, 'the engine')];
    const wanted = config.platform ?? platform;
    const images = createLocalImages();
    const findings = config.endpoints.map((one) => imageFinding(one, config, wanted, images));
    return [engine, ...memory, ...(await Promise.all(findings))];
  } catch (error) {
    if (config.engine === 'docker') return [fault(subject, error)];
    const { found, mend } = fault(subject, error);
    const instead = `${found} Processes of this machine serve handlers instead.`;
    return [{ subject, state: 'warning', found: instead, mend }];
  }
}

async function imageFinding(
  { endpointName, image }: EndpointSettings,
  { images }: Config,
  wanted: string,
  local: LocalImages,
): Promise<Finding> {
  const subject = `image of ${endpointName}`;
  const name = resolveImage(image, images);
  const found = await local.find(name);
  if (found === undefined) {
    const mend = `It is pulled when it is needed; to have it now: docker pull ${name}`;
    return { subject, state: 'warning', found: `${name} is not on this machine`, mend };
  }
  if (found.platform.startsWith(wanted)) {
    return { subject, state: 'ok', found: `${name}, ${found.platform}` };
  }
  const mend = `Build or pull it for ${wanted}, or set "platform: ${found.platform}" in config.yml where the engine can emulate that.`;
  const otherwise = `${name} is for ${found.platform}, and the engine runs ${wanted}`;
  return { subject, state: 'warning', found: otherwise, mend };
}

/** Python, which serves where Docker does not, and whether /opt/ml/model can be shown to it. */
export async function pythonFindings(config: Config): Promise<Finding[]> {
  const wanted = config.endpoints.find(({ python }) => python !== undefined)?.python;
  const needed = config.engine === 'process';
  try {
    const { executable, version } = await findPython(wanted);
    const python: Finding = { subject: 'Python', state: 'ok', found: `${version}, ${executable}` };
    return [python, await mountFinding(executable)];
  } catch (error) {
    return [fault('Python', error, needed ? 'fault' : 'warning')];
  }
}

async function mountFinding(executable: string): Promise<Finding> {
  const subject = 'mounts';
  if (await canMount(executable)) {
    return { subject, state: 'ok', found: 'processes have their model at /opt/ml/model' };
  }
  const found =
    'no mount namespace can be made, so without Docker the model is where SM_MODEL_DIR says, and not at /opt/ml/model';
  const mend =
    process.platform === 'linux'
      ? 'Only handlers that write out /opt/ml/model mind. Run as root; in a container give it --cap-add SYS_ADMIN; on Ubuntu type: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0'
      : 'Only handlers that write out /opt/ml/model mind: use Docker for those.';
  return { subject, state: 'warning', found, mend };
}

/** The port of `smlocal up`. */
export async function portFinding(config: Config, folder: StateFolder): Promise<Finding> {
  const subject = 'port';
  const daemon = findDaemon(folder);
  if (daemon !== undefined) {
    return { subject, state: 'ok', found: `smlocal runs at ${daemon.url} (process ${daemon.pid})` };
  }
  const server = createServer();
  try {
    await listen(server as never, config);
    return { subject, state: 'ok', found: `${config.host}:${config.port} is free` };
  } catch (error) {
    return fault(subject, error);
  } finally {
    server.close();
  }
}

/** Room for models, and memory for what serves them. */
export async function roomFindings(folder: StateFolder): Promise<Finding[]> {
  let place = folder.path;
  while (!existsSync(place)) place = dirname(place);
  const { bavail, bsize } = await statfs(place);
  const free = bavail * bsize;
  const found = `${gigabytes(free)} free at ${place}`;
  const mend = `Make room, or keep everything elsewhere with --state-dir; "rm -r ${folder.path}" forgets what is kept, and "docker system df" shows what images take.`;
  const disk: Finding =
    free >= LITTLE_DISK
      ? { subject: 'disk', state: 'ok', found }
      : { subject: 'disk', state: 'warning', found, mend };
  const memory = totalmem();
  return [
    disk,
    memory >= LITTLE_MEMORY
      ? { subject: 'memory', state: 'ok', found: gigabytes(memory) }
      : littleMemory(memory, 'this machine'),
  ];
}

function littleMemory(bytes: number, whose: string): Finding {
  return {
    subject: 'memory',
    state: 'warning',
    found: `${whose} has ${gigabytes(bytes)}`,
    mend: 'Give it more, or serve one endpoint with one worker: environment: { SAGEMAKER_MODEL_SERVER_WORKERS: 1 }',
  };
}
