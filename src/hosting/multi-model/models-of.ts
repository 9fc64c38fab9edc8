import type { ContainerDefinition } from '@aws-sdk/client-sagemaker';
import type { Backend } from '../backend.js';
import type { BringUpParts } from '../bring-up.js';
import { containerName, isMultiModel } from '../container-spec.js';
import type { HostingEvents } from '../events.js';
import type { InstanceKey } from '../plan.js';
import { LoadedModels } from './loaded-models.js';
import { ModelApi } from './model-api.js';

/** The models of a container that is ready; undefined where it is for one model alone. */
export function modelsOf(
  { artifacts, settings, events }: BringUpParts & { readonly events: HostingEvents },
  backend: Backend,
  instance: {
    readonly endpointName: string;
    readonly key: InstanceKey;
    readonly definition: ContainerDefinition;
  },
): LoadedModels | undefined {
  const { endpointName, key, definition } = instance;
  if (!isMultiModel(definition)) return undefined;
  return new LoadedModels({
    api: new ModelApi(backend),
    artifacts,
    shelf: artifacts.shelfOf(containerName(endpointName, key)),
    prefix: definition.ModelDataUrl ?? '',
    keeps: definition.MultiModelConfig?.ModelCacheSetting !== 'Disabled',
    follows: settings.watched === true,
    tell: (text) => events.emit('step', { endpointName, text }),
  });
}
