import { expect, test } from 'vitest';
import { containerLabels, INSTANCE_LABEL, readLabels } from '../../src/containers/labels.js';

const labels = {
  stateId: 's1',
  endpointName: 'ranker',
  variantName: 'AllTraffic',
  deploymentId: 'd1',
  instance: 0,
};

test('What was written on a container is read back', () => {
  expect(readLabels(containerLabels(labels))).toEqual(labels);
});

test.each(Object.keys(containerLabels(labels)))('A container without %s is not ours', (name) => {
  expect(readLabels({ ...containerLabels(labels), [name]: undefined })).toBeUndefined();
});

test.each(['', 'x', '-1', '1.5'])('A container whose instance is %j is not ours', (instance) => {
  expect(readLabels({ ...containerLabels(labels), [INSTANCE_LABEL]: instance })).toBeUndefined();
});
