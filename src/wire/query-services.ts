import type { AwsServices } from '../services/aws.js';
import { IAM_OPERATIONS } from '../services/iam/operations.js';
import { STS_OPERATIONS } from '../services/sts/operations.js';
import type { UnservedCalls } from '../services/unserved-calls.js';
import type { CredentialScope } from './credential-scope.js';
import { jsonCall } from './json-services.js';
import type { QueryService } from './query.js';
import { checkQueryInput, queryByModel } from './query-by-model.js';

/** The services of the query protocol, by the version of their APIs, which each request names. */
export function queryServices(
  aws: AwsServices,
  caller: CredentialScope,
  unserved: UnservedCalls,
): ReadonlyMap<string, QueryService> {
  const { accessKeyId, sessionToken } = caller;
  const { sessions, roles } = aws;
  const now = new Date();
  const sts: QueryService = {
    namespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    run: async (action, input) => {
      const operation = STS_OPERATIONS.get(action);
      if (operation !== undefined) checkQueryInput('sts', action, input);
      return operation?.(input, { caller, accessKeyId, sessionToken, sessions, now });
    },
  };
  const iam: QueryService = {
    namespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
    run: async (action, input) => {
      const operation = IAM_OPERATIONS.get(action);
      if (operation !== undefined) checkQueryInput('iam', action, input);
      return operation?.(input, { caller, roles, now });
    },
  };
  const cloudWatch = queryByModel(
    jsonCall('GraniteServiceVersion20100801', aws, caller),
    'http://monitoring.amazonaws.com/doc/2010-08-01/',
    unserved,
  );
  return new Map([
    ['2011-06-15', sts],
    ['2010-05-08', iam],
    ['2010-08-01', cloudWatch],
  ]);
}
