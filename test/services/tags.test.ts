import {
  AddTagsCommand,
  CreateModelCommand,
  DeleteTagsCommand,
  ListTagsCommand,
  paginateListTags,
  type Tag,
} from '@aws-sdk/client-sagemaker';
import { beforeAll, expect, test } from 'vitest';
import { ARN, invalid, refusal, useControlDaemon } from '../support/control-daemon.js';

const control = useControlDaemon();

const arn = (name: string) => `${ARN}:model/${name}`;
const tag = (Key: string, Value = ''): Tag => ({ Key, Value });

const create = (ModelName: string, Tags: Tag[] = []) =>
  control.sagemaker.send(
    new CreateModelCommand({ ModelName, PrimaryContainer: { Image: 'i' }, Tags }),
  );

const add = (ResourceArn: string, ...Tags: Tag[]) =>
  control.sagemaker.send(new AddTagsCommand({ ResourceArn, Tags }));

const list = async (ResourceArn: string) =>
  (await control.sagemaker.send(new ListTagsCommand({ ResourceArn }))).Tags;

beforeAll(() => create('Tagged', [tag('a', '1'), tag('b', '2')]));

test('Tags given at creation are listed', async () => {
  await create('fresh', [tag('team', 'search')]);
  expect(await list(arn('fresh'))).toEqual([tag('team', 'search')]);
});

test('Tags are added, changed and deleted', async () => {
  const { Tags } = await add(arn('tagged'), tag('b', 'new'), tag('c', '3'));
  expect(Tags).toEqual([tag('a', '1'), tag('b', 'new'), tag('c', '3')]);
  const input = { ResourceArn: arn('tagged'), TagKeys: ['a', 'never there'] };
  await control.sagemaker.send(new DeleteTagsCommand(input));
  expect(await list(arn('tagged'))).toEqual([tag('b', 'new'), tag('c', '3')]);
});

test('A resource is found by its ARN in whatever letters', async () => {
  await create('Letters', [tag('a')]);
  expect(await list(arn('Letters'))).toEqual([tag('a')]);
});

test('A resource that is not there is refused', async () => {
  const refused = invalid(`Could not find resource "${arn('nobody')}".`);
  expect(await refusal(list(arn('nobody')))).toEqual(refused);
  expect(await refusal(add(arn('nobody'), tag('a')))).toEqual(refused);
});

test('Keys of AWS’s own are refused', async () => {
  await create('own');
  expect((await refusal(add(arn('own'), tag('aws:mine')))).code).toBe('ValidationException');
  expect(await list(arn('own'))).toEqual([]);
});

test('A resource has fifty tags at most', async () => {
  const many = Array.from({ length: 50 }, (_, index) => tag(`k${index}`));
  await create('full', many);
  await add(arn('full'), tag('k0', 'changed'));
  expect(await refusal(add(arn('full'), tag('one more')))).toEqual(
    invalid('A resource can have at most 50 tags.'),
  );
});

test('Tags come in pages, and a token that is not one is refused', async () => {
  const keys: (string | undefined)[] = [];
  await create(
    'paged',
    Array.from({ length: 50 }, (_, index) => tag(`k${index}`)),
  );
  const config = { client: control.sagemaker, pageSize: 50 };
  for await (const { Tags } of paginateListTags(config, { ResourceArn: arn('paged') })) {
    keys.push(...(Tags?.map(({ Key }) => Key) ?? []));
  }
  expect(keys).toHaveLength(50);
  const input = { ResourceArn: arn('paged'), NextToken: 'rubbish' };
  expect(await refusal(control.sagemaker.send(new ListTagsCommand(input)))).toEqual(
    invalid('Invalid NextToken.'),
  );
});

test('Two calls at once lose no tag', async () => {
  await create('raced');
  await Promise.all(Array.from({ length: 10 }, (_, index) => add(arn('raced'), tag(`k${index}`))));
  expect(await list(arn('raced'))).toHaveLength(10);
});
