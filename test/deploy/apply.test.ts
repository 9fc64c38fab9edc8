import { expect, test } from 'vitest';
import { applyManifest, removeUndescribed } from '../../src/deploy/apply.js';
import { ENDPOINT_TAG, manifestOf } from '../../src/deploy/manifest.js';
import type { Records } from '../../src/hosting/records.js';
import { deploymentOf, endpointOf } from '../hosting/records.js';
import { ACCOUNT, ARN, useControlDaemon } from '../support/control-daemon.js';
import { settled } from '../support/settled.js';
import { settingsOf } from './settings.js';

const manifest = (endpointName: string, image = 'image') =>
  manifestOf(settingsOf({ endpointName, modelName: endpointName, image }), ACCOUNT);

/** An endpoint in service, as an earlier apply left it. */
function place(records: Records, name: string, EndpointConfigName: string, described = true) {
  return records.endpoints.put(
    name,
    endpointOf('InService', {
      EndpointName: name,
      EndpointArn: `${ARN}:endpoint/${name}`,
      deployment: deploymentOf('d1', { EndpointConfigName }),
      Tags: described ? [{ Key: ENDPOINT_TAG, Value: name }] : [],
    }),
  );
}

const control = useControlDaemon(async (records) => {
  for (const name of ['right', 'outdated', 'dropped']) {
    await place(records, name, manifest(name).endpointConfig.EndpointConfigName);
  }
  await place(records, 'by-hand', 'config', false);
});

const apply = (of: ReturnType<typeof manifest>, signal = new AbortController().signal) =>
  applyManifest(control.daemon.control, of, signal);

const recordOf = (name: string) =>
  control.daemon.endpoints.find(({ EndpointName }) => EndpointName === name);

test('What is missing is created: model, config and endpoint, with its tags', async () => {
  const wanted = manifest('new');
  expect(await apply(wanted)).toBe('created');
  expect(recordOf('new')).toMatchObject({ Tags: [{ Key: ENDPOINT_TAG, Value: 'new' }] });
  expect(await settled(control.sagemaker, 'new')).toMatchObject({
    EndpointConfigName: wanted.endpointConfig.EndpointConfigName,
  });
});

test('What is right is left alone, however often', async () => {
  const before = recordOf('right');
  expect(await apply(manifest('right'))).toBe('unchanged');
  expect(await apply(manifest('right'))).toBe('unchanged');
  expect(recordOf('right')).toEqual(before);
});

test('What has changed is updated', async () => {
  await apply(manifest('outdated')); // Its present config has to be there, as the service asks.
  const seen: unknown[] = [];
  control.daemon.events.on('status', ({ endpointName, status }) =>
    seen.push([endpointName, status]),
  );
  expect(await apply(manifest('outdated', 'another'))).toBe('updated');
  expect(seen).toContainEqual(['outdated', 'Updating']);
});

test('What is no longer described is deleted, but nothing that was made by hand', async () => {
  const described = new Set(['new', 'right', 'outdated']);
  const { signal } = new AbortController();
  const removed = await removeUndescribed(control.daemon.control, described, signal);
  expect(removed).toEqual(['dropped']);
  expect(recordOf('dropped')?.EndpointStatus).toBe('Deleting');
  expect(recordOf('by-hand')?.EndpointStatus).toBe('InService');
});

test('Waiting for what is on its way out ends with the signal', async () => {
  const stop = new AbortController();
  const applied = apply(manifest('dropped'), stop.signal);
  stop.abort(new Error('enough'));
  await expect(applied).rejects.toThrow();
});
