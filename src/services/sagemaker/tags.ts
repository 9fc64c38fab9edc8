import type {
  AddTagsCommandInput,
  AddTagsCommandOutput,
  DeleteTagsCommandInput,
  ListTagsCommandInput,
  ListTagsCommandOutput,
  Tag,
} from '@aws-sdk/client-sagemaker';
import type { NamedRecords, Records } from '../../hosting/records.js';
import type { Operation } from './context.js';
import { invalid } from './errors.js';

/*
 * AddTags, ListTags, DeleteTags: one file, for the three share how a resource is found by its ARN.
 * Gaps: only models, endpoint configs and endpoints have tags. The texts for a missing resource are guesses.
 */

/** The service's limit for one resource (developer guide). */
const MAX_TAGS = 50;

/** The service model's minimum for `MaxResults` of ListTags, taken as its default. */
const DEFAULT_PAGE = 50;

export const addTags: Operation<
  AddTagsCommandInput,
  Omit<AddTagsCommandOutput, '$metadata'>
> = async (input, { records }) => {
  const resource = findTagged(records, input.ResourceArn);
  const merged = new Map(resource.tags.map((tag) => [tag.Key, tag]));
  for (const tag of input.Tags ?? []) {
    if (tag.Key?.startsWith('aws:'))
      throw invalid(`Tag keys starting with "aws:" are reserved: "${tag.Key}".`);
    merged.set(tag.Key, tag);
  }
  const Tags = [...merged.values()];
  if (Tags.length > MAX_TAGS) throw invalid(`A resource can have at most ${MAX_TAGS} tags.`);
  await resource.save(Tags);
  return { Tags };
};

export const deleteTags: Operation<DeleteTagsCommandInput, Record<string, never>> = async (
  input,
  { records },
) => {
  const resource = findTagged(records, input.ResourceArn);
  const gone = new Set(input.TagKeys);
  await resource.save(resource.tags.filter(({ Key }) => Key === undefined || !gone.has(Key)));
  return {};
};

export const listTags: Operation<
  ListTagsCommandInput,
  Omit<ListTagsCommandOutput, '$metadata'>
> = async (input, { records }) => {
  const { tags } = findTagged(records, input.ResourceArn);
  const from = input.NextToken === undefined ? 0 : Number(input.NextToken);
  if (!Number.isSafeInteger(from) || from < 0) throw invalid('Invalid NextToken.');
  const to = from + (input.MaxResults ?? DEFAULT_PAGE);
  return { Tags: tags.slice(from, to), NextToken: to < tags.length ? String(to) : undefined };
};

interface Tagged {
  readonly tags: readonly Tag[];
  save(tags: Tag[]): Promise<void>;
}

/** ARNs are compared without regard to case, for the service lower-cases the name in them. */
function findTagged(records: Records, arn = ''): Tagged {
  const tagged =
    taggedIn(records.models, arn, (record) => [record.ModelName, record.ModelArn]) ??
    taggedIn(records.endpointConfigs, arn, (record) => [
      record.EndpointConfigName,
      record.EndpointConfigArn,
    ]) ??
    taggedIn(records.endpoints, arn, (record) => [record.EndpointName, record.EndpointArn]);
  if (tagged === undefined) throw invalid(`Could not find resource "${arn}".`);
  return tagged;
}

function taggedIn<T extends { readonly CreationTime: Date; readonly Tags: Tag[] }>(
  records: NamedRecords<T>,
  arn: string,
  identify: (record: T) => [name: string, arn: string],
): Tagged | undefined {
  const wanted = arn.toLowerCase();
  const record = records
    .values()
    .find((candidate) => identify(candidate)[1].toLowerCase() === wanted);
  if (record === undefined) return undefined;
  const [name] = identify(record);
  return { tags: record.Tags, save: (Tags) => records.put(name, { ...record, Tags }) };
}
