import { join } from 'node:path';
import type { Logger } from '../log.js';
import type { Collection } from '../state/store.js';
import type { ScalingParts } from './application-autoscaling/context.js';
import { Alarms } from './cloudwatch/alarms.js';
import { InvocationMetrics } from './cloudwatch/invocation-metrics.js';
import { MetricStore } from './cloudwatch/metric-store.js';
import { PrintedMetrics } from './cloudwatch/printed-metrics.js';
import type { EcrParts, RepositoryRecord } from './ecr/context.js';
import { type RoleRecord, Roles } from './iam/roles.js';
import { LogStore } from './logs/log-store.js';
import type { S3Parts } from './s3/request.js';
import { openS3, type PassedOn } from './s3/s3.js';
import { LOCAL_ROLE } from './sts/operations.js';
import { type Mac, Sessions } from './sts/sessions.js';

/** What the services beside SageMaker keep. */
export interface AwsServices {
  readonly s3: S3Parts;
  readonly sessions: Sessions;
  readonly roles: Roles;
  readonly logs: LogStore;
  readonly ecr: EcrParts;
  readonly metrics: MetricStore;
  readonly alarms: Alarms;
  readonly scaling: ScalingParts;
  readonly invocations: InvocationMetrics;
  readonly printed: PrintedMetrics;
}

/** Opens them over a state folder. */
export function openAwsServices(options: {
  readonly stateDir: string;
  readonly region: string;
  /** Names or ARNs of the roles that config.yml has: they are there without being made. */
  readonly roles: readonly string[];
  readonly collection: <T>(name: string) => Collection<T>;
  /** Buckets that are another S3's. */
  readonly passed?: PassedOn;
  /** Of which temporary keys are made. */
  readonly mac: Mac;
  /** Of the container engine. */
  readonly images: EcrParts['images'];
  /** How many instances a variant has; undefined where there is no such variant. */
  readonly capacityOf: ScalingParts['capacityOf'];
  readonly log: Logger;
}): AwsServices {
  const metrics = new MetricStore();
  const alarms = new Alarms(options.collection('alarms'), metrics);
  return {
    s3: openS3(options),
    sessions: new Sessions(options.mac),
    roles: new Roles(options.collection<RoleRecord>('roles'), [LOCAL_ROLE, ...options.roles]),
    logs: new LogStore(join(options.stateDir, 'logs'), options.log),
    ecr: {
      repositories: options.collection<RepositoryRecord>('repositories'),
      images: options.images,
    },
    metrics,
    alarms,
    scaling: {
      alarms,
      targets: options.collection('scalable-targets'),
      policies: options.collection('scaling-policies'),
      activities: [],
      capacityOf: options.capacityOf,
    },
    invocations: new InvocationMetrics(metrics),
    printed: new PrintedMetrics(metrics),
  };
}
