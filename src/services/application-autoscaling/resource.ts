import { ServiceError } from '../../errors.js';
import type { Scaled } from './context.js';

const RESOURCE = /^endpoint\/([A-Za-z0-9-]+)\/variant\/([A-Za-z0-9-]+)$/;

const DIMENSION = 'sagemaker:variant:DesiredInstanceCount';

export function invalid(message: string): ServiceError {
  return new ServiceError('ValidationException', 400, message);
}

/** What is not there, worded as moto has it. */
export function notFound(
  what: string,
  { ServiceNamespace, ResourceId, ScalableDimension }: Scaled,
) {
  return new ServiceError(
    'ObjectNotFoundException',
    400,
    `No ${what} found for service namespace: ${ServiceNamespace}, resource ID: ${ResourceId}, scalable dimension: ${ScalableDimension}`,
  );
}

/**
 * The variant that a request is about.
 * @throws ServiceError `ValidationException` for other services, and for what of SageMaker's is not scaled here
 */
export function variantOf({ ServiceNamespace, ResourceId, ScalableDimension }: Scaled) {
  refuseOtherServices(ServiceNamespace);
  if (ScalableDimension !== DIMENSION) {
    throw invalid(`smlocal scales ${DIMENSION}, and not ${ScalableDimension}.`);
  }
  const [, endpointName, variantName] = RESOURCE.exec(ResourceId) ?? [];
  if (endpointName === undefined || variantName === undefined) {
    throw invalid(`Unsupported resource ID for ${DIMENSION}: ${ResourceId}`);
  }
  return { endpointName, variantName };
}

/** @throws ServiceError */
export function refuseOtherServices(namespace: string): void {
  if (namespace !== 'sagemaker') {
    throw invalid(`smlocal scales endpoints of sagemaker, and nothing of ${namespace}.`);
  }
}

/** What a target is kept under; its policies' keys begin with it. */
export function keyOf({ ResourceId, ScalableDimension }: Scaled): string {
  return `${ResourceId} ${ScalableDimension}`;
}
