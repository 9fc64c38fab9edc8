import type { Collection } from '../state/store.js';
import { type RoleRecord, Roles } from './iam/roles.js';
import type { S3Parts } from './s3/request.js';
import { openS3 } from './s3/s3.js';
import { LOCAL_ROLE } from './sts/operations.js';
import { Sessions } from './sts/sessions.js';

/** What the services beside SageMaker keep. */
export interface AwsServices {
  readonly s3: S3Parts;
  readonly sessions: Sessions;
  readonly roles: Roles;
}

/** Opens them over a state folder. */
export function openAwsServices(options: {
  readonly stateDir: string;
  readonly region: string;
  /** Names or ARNs of the roles that config.yml has: they are there without being made. */
  readonly roles: readonly string[];
  readonly collection: (name: string) => Collection<RoleRecord>;
}): AwsServices {
  return {
    s3: openS3(options),
    sessions: new Sessions(),
    roles: new Roles(options.collection('roles'), [LOCAL_ROLE, ...options.roles]),
  };
}
