import type { EcrOperation } from './context.js';
import { describeImages, listImages } from './images.js';
import {
  createRepository,
  deleteRepository,
  describeRepositories,
  getAuthorizationToken,
  listTagsForResource,
} from './repositories.js';

/** Every operation of ECR that smlocal serves, by its name on the wire. */
export const ECR_OPERATIONS: ReadonlyMap<string, EcrOperation<never>> = new Map<
  string,
  EcrOperation<never>
>([
  ['GetAuthorizationToken', getAuthorizationToken],
  ['CreateRepository', createRepository],
  ['DescribeRepositories', describeRepositories],
  ['DeleteRepository', deleteRepository],
  ['ListTagsForResource', listTagsForResource],
  ['DescribeImages', describeImages],
  ['ListImages', listImages],
]);
