import type { Backend } from './backend.js';
import { containerName, sourceDirectoryOf } from './container-spec.js';
import type { Instances } from './instances.js';
import { instancesOf } from './plan.js';
import type { EndpointRecord } from './records.js';

/** One container that takes an endpoint's traffic. */
export interface ServingContainer {
  readonly id: string;
  readonly name: string;
  readonly backend: Backend;
  /** The host folder that it sees at /opt/ml/model/code, if one is mounted there. */
  readonly sourceDirectory: string | undefined;
}

/** The containers that take an endpoint's traffic now. */
export function servingContainers(
  record: EndpointRecord,
  instances: Instances,
): ServingContainer[] {
  const { deployment, EndpointName } = record;
  if (deployment === undefined) return [];
  return instancesOf(deployment).flatMap((key) => {
    const backend = instances.get(key);
    const wanted = deployment.variants.find(
      ({ variant }) => variant.VariantName === key.variantName,
    );
    if (backend === undefined || wanted === undefined) return [];
    return [
      {
        id: backend.containerId,
        name: containerName(EndpointName, key),
        backend,
        sourceDirectory: sourceDirectoryOf(wanted.container),
      },
    ];
  });
}
