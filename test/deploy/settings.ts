import type { EndpointSettings } from '../../src/config/config.js';

/** An endpoint as config.yml would describe it. */
export function settingsOf(change: Partial<EndpointSettings> = {}): EndpointSettings {
  return {
    endpointName: 'ranker',
    modelName: 'ranker-model',
    image: 'image',
    environment: {},
    variants: [{ name: 'AllTraffic', weight: 1, instanceType: 'local', instanceCount: 1 }],
    tags: {},
    debug: false,
    ...change,
  };
}
