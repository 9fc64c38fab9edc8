import { expect, test } from 'vitest';
import type { Change } from '../../src/reload/changes.js';
import { type ContainerFacts, planReload, type Tier } from '../../src/reload/reload-plan.js';

const TOOLKIT: ContainerFacts = { agents: 2, importsCode: true, server: undefined };
const GUNICORN: ContainerFacts = { agents: 0, importsCode: true, server: 'gunicorn' };
const OTHER: ContainerFacts = { agents: 0, importsCode: false, server: undefined };

const code = (path: string): Change => ({ root: 'code', path });

test.each<[string, Change[], ContainerFacts[], string]>([
  ['a handler where every worker runs the toolkit', [code('inference.py')], [TOOLKIT], 'in-place'],
  ['nothing, when a person asks for a reload', [], [TOOLKIT], 'in-place'],
  ['a handler that gunicorn serves', [code('app.py')], [GUNICORN], 'workers'],
  ['a handler in a container that we know nothing of', [code('main.go')], [OTHER], 'replace'],
  ['requirements.txt', [code('inference.py'), code('requirements.txt')], [TOOLKIT], 'replace'],
  ['the model', [{ root: 'model', path: 'model.pth' }], [TOOLKIT], 'replace'],
  [
    'a handler where one container of two has no agent',
    [code('a.py')],
    [TOOLKIT, OTHER],
    'replace',
  ],
  ['a handler while nothing serves', [code('inference.py')], [], 'replace'],
])('What takes %s is planned', (_title, changes, containers, tier) => {
  expect(planReload(changes, containers).tier).toBe(tier);
});

test('requirements.txt in a folder of its own is not what the container reads at its start', () => {
  expect(planReload([code('docs/requirements.txt')], [TOOLKIT]).tier).toBe('in-place');
});

test('gunicorn whose workers have imported nothing from the code folder gets a new container', () => {
  const plan = planReload([code('app.py')], [{ ...GUNICORN, importsCode: false }]);
  expect(plan).toEqual({
    tier: 'replace',
    cause:
      'no worker runs the SageMaker toolkit; no worker has imported anything from the code folder',
  });
});

test('A tier that could not leads to the next dearer one, with its reason as the cause', () => {
  const both = { ...TOOLKIT, server: 'torchserve' as const };
  const ruledOut = new Map<Tier, string>([['in-place', 'labels.json is no module']]);
  expect(planReload([code('labels.json')], [both], ruledOut)).toEqual({
    tier: 'workers',
    cause: 'labels.json is no module',
  });
  ruledOut.set('workers', 'torchserve did not renew its workers');
  expect(planReload([code('labels.json')], [both], ruledOut)).toEqual({
    tier: 'replace',
    cause: 'labels.json is no module; torchserve did not renew its workers',
  });
});
