import { createArtifacts } from '../artifacts/artifacts.js';
import { RemoteS3 } from '../aws/remote-s3.js';
import type { Config } from '../config/config.js';
import { chooseEngine } from '../containers/choose-engine.js';
import { createDockerEngine } from '../containers/docker.js';
import { ProcessEngine } from '../containers/process/process-engine.js';
import { Captures } from '../hosting/capture/captures.js';
import { NO_EXTRAS } from '../hosting/container-extras.js';
import { HostingEvents } from '../hosting/events.js';
import { Instances } from '../hosting/instances.js';
import { Reconciler } from '../hosting/reconciler.js';
import { capacityOf, openRecords } from '../hosting/records.js';
import { RouteTable } from '../hosting/route-table.js';
import { createLogger } from '../log.js';
import { AgentExtras } from '../reload/agent-extras.js';
import { Secrets } from '../secrets.js';
import { openAwsServices } from '../services/aws.js';
import { CapturedObjects } from '../services/s3/captured-objects.js';
import { PassedModelData } from '../services/s3/passthrough/model-data.js';
import type { PassedOn } from '../services/s3/s3.js';
import { type Collection, openCollection } from '../state/store.js';
import { Daemon } from './daemon.js';
import { EngineHealth } from './engine-health.js';
import { LocalRoleAccess } from './local-role-access.js';
import { takeLock } from './lock.js';
import { RoleKeys } from './role-keys.js';
import { StateFolder } from './state-folder.js';

export interface DaemonOptions {
  readonly config: Config;
  readonly stateDir: string;
  /** Whether containers get the agent that reloads handlers inside live workers; not by default. */
  readonly watched?: boolean;
  /** Whether `resume` will follow at once: calls of endpoints that served wait for it. Not by default. */
  readonly resumes?: boolean;
}

/**
 * Builds the parts and listens. The only place that knows which classes stand behind the interfaces.
 *
 * @returns the daemon, listening; call `resume` for it to take up what its state folder says
 * @throws SmlocalError where the state folder or the port is in use; nothing is then left behind
 */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { config, stateDir } = options;
  const folder = new StateFolder(stateDir);
  folder.create();
  const unlock = takeLock(folder.lockFile);
  try {
    const daemon = new Daemon({ ...buildParts(options, folder), config, folder, unlock });
    if (options.resumes) daemon.holdCalls();
    await daemon.listen();
    return daemon;
  } catch (error) {
    unlock();
    throw error;
  }
}

function buildParts({ config, watched = false }: DaemonOptions, folder: StateFolder) {
  const secrets = secretsOf(config);
  const mask = (text: string) => secrets.mask(text);
  const log = createLogger({ destination: folder.logFile, mask });
  const agents = new AgentExtras(folder.path);
  const records = openRecords((name, isRecord) =>
    learning(openCollection({ directory: folder.records(name), log, isRecord }), secrets),
  );
  const engine = chooseEngine(
    config.engine,
    {
      docker: createDockerEngine({ log }),
      process: new ProcessEngine({ stateDir: folder.path, log }),
    },
    {
      needsDocker: () => folder.engine === 'docker' && records.endpoints.values().length > 0,
      chose: (name) => {
        folder.engine = name;
      },
    },
  );
  const keys = new RoleKeys(folder.path);
  const aws = openAwsServices({
    mac: keys.mac,
    stateDir: folder.path,
    region: config.region,
    passed: passedOn(config, secrets),
    roles: config.endpoints.flatMap(({ roleName }) => roleName ?? []),
    collection: (name) => openCollection({ directory: folder.records(name), log }),
    // While no engine answers, no repository has an image.
    images: () => engine.images().catch(() => []),
    capacityOf: (endpointName, variantName) => capacityOf(records, endpointName, variantName),
    log,
  });
  const { passthrough } = aws.s3;
  const remote = passthrough && new PassedModelData(passthrough);
  const events = new HostingEvents();
  const hosting = {
    log,
    mask,
    engine,
    engineWatch: new EngineHealth(engine, log),
    artifacts: createArtifacts({ stateDir: folder.path, limits: config.limits, remote, log }),
    settings: { stateId: folder.id, images: config.images, platform: config.platform, watched },
    records,
    routes: new RouteTable(),
    events,
    captures: new Captures({ store: new CapturedObjects(aws.s3), events, log }),
    instances: new Instances(),
    extras: watched ? agents : NO_EXTRAS,
    roleAccess: new LocalRoleAccess({ config, engine, keys, sessions: aws.sessions, log }),
  };
  return { ...hosting, agents, aws, reconciler: new Reconciler(hosting) };
}

/** The buckets that config.yml says are another S3's, and that S3, which is asked with the user's own credentials. */
function passedOn({ s3, region }: Config, secrets: Secrets): PassedOn | undefined {
  if (s3 === undefined) return undefined;
  const { passthrough, maxCacheBytes, ...place } = s3;
  const learn = (secret: string | undefined) => secrets.add(secret);
  return { passthrough, maxCacheBytes, remote: new RemoteS3({ region, ...place }, learn) };
}

/** What the config and our own environment have of secrets; those of models are learnt as they come. */
function secretsOf({ accessKeys, endpoints }: Config): Secrets {
  const secrets = new Secrets();
  for (const secret of Object.values(accessKeys)) secrets.add(secret);
  secrets.add(process.env.AWS_SECRET_ACCESS_KEY);
  secrets.add(process.env.AWS_SESSION_TOKEN);
  for (const { environment } of endpoints) secrets.addEnvironment(environment);
  return secrets;
}

/** The same collection, from whose records secrets are learnt before anything can be said of them. */
function learning<T>(collection: Collection<T>, secrets: Secrets): Collection<T> {
  for (const record of collection.values()) secrets.addRecord(record);
  collection.watch((_before, after) => secrets.addRecord(after));
  return collection;
}
