import type { OnProgress } from '../progress.js';
import { whenServing, whenSettled } from './await-service.js';
import type { ControlPlane } from './control.js';
import { createOnce, gone } from './control.js';
import type { Wanted } from './observe.js';
import { addressOf } from './packaged.js';
import type { PendingUploads } from './pending.js';
import type { Facts, Plan, Step, StepKind } from './plan.js';
import type { Target } from './target.js';
import { upload } from './upload.js';

/** Sends an image of this machine to a registry. */
export type PushImage = (request: {
  reference: string;
  repository: string;
  tag: string;
  username: string;
  password: string;
  signal: AbortSignal;
  onProgress: OnProgress;
}) => Promise<void>;

export interface Execution {
  readonly target: Target;
  readonly wanted: Wanted;
  readonly pending: PendingUploads;
  /** Uploads that need not be remembered. */
  readonly arrived: Facts['arrived'];
  readonly push: PushImage;
  readonly signal: AbortSignal;
  readonly onStep: (step: Step) => void;
  readonly onDone: (step: Step) => void;
  readonly onProgress: OnProgress;
  /** The state of what is waited for. */
  readonly onState: (state: string) => void;
}

type Action = (execution: Execution, step: Step) => Promise<void>;

const GONE_POLL_MS = 500;

/** Does what a plan says, step after step; decides nothing. Stops between two steps, or within one, when the signal says so. */
export async function execute(plan: Plan, execution: Execution): Promise<void> {
  for (const step of plan.steps) {
    execution.signal.throwIfAborted();
    execution.onStep(step);
    await ACTIONS[step.kind](execution, step);
    execution.onDone(step);
  }
  for (const at of execution.arrived) await execution.pending.remove(at);
}

const ACTIONS: Readonly<Record<StepKind, Action>> = {
  'create-bucket': ({ target }, { subject }) => target.objects.createBucket(subject),
  upload: async ({ target, wanted, pending, signal, onProgress }) => {
    const { package: packed } = wanted;
    if (packed === undefined) return;
    await upload(target.objects, packed.at, packed, { pending, signal, onProgress });
  },
  'create-repository': async ({ target, wanted }, { subject }) => {
    const tags = Object.fromEntries(
      wanted.manifest.tags.map(({ Key = '', Value = '' }) => [Key, Value]),
    );
    await target.registry?.createRepository(subject, tags);
  },
  'push-image': pushImage,
  'create-model': async (execution) => {
    await createOnce(execution.target.control, 'CreateModel', execution.wanted.manifest.model);
    await forgetUpload(execution);
  },
  'create-endpoint-config': ({ target, wanted }) =>
    createOnce(target.control, 'CreateEndpointConfig', wanted.manifest.endpointConfig),
  'wait-until-settled': async ({ target: { control }, ...options }, { subject }) => {
    await whenSettled(control, subject, options);
  },
  'delete-endpoint': async ({ target: { control }, signal }, { subject }) => {
    await control('DeleteEndpoint', { EndpointName: subject });
    await gone(control, subject, GONE_POLL_MS, signal);
  },
  'create-endpoint': async ({ target, wanted: { manifest } }, { subject }) => {
    await target.control('CreateEndpoint', {
      ...endpointOf(manifest, subject),
      Tags: manifest.tags,
    });
  },
  'update-endpoint': async ({ target, wanted: { manifest } }, { subject }) => {
    await target.control('UpdateEndpoint', endpointOf(manifest, subject));
  },
  'tag-endpoint': async ({ target, wanted }, { subject }) => {
    const { EndpointArn: ResourceArn } = (await target.control('DescribeEndpoint', {
      EndpointName: subject,
    })) as { EndpointArn?: string };
    await target.control('AddTags', { ResourceArn, Tags: wanted.manifest.tags });
  },
  'wait-in-service': ({ target: { control }, wanted, ...options }, { subject }) =>
    whenServing(control, subject, wanted.manifest.endpointConfig.EndpointConfigName, options),
  'delete-endpoint-config': ({ target }, { subject }) =>
    deleted(target.control, 'DeleteEndpointConfig', { EndpointConfigName: subject }),
  'delete-object': ({ target }, { subject }) => target.objects.delete(addressOf(subject)),
  'delete-model': ({ target }, { subject }) =>
    deleted(target.control, 'DeleteModel', { ModelName: subject }),
  'drop-upload': async ({ target: { objects }, pending }, { subject }) => {
    const at = addressOf(subject);
    const uploadId = (await pending.find(at))?.uploadId;
    const open = new Set(await objects.openUploads(at));
    if (uploadId !== undefined) open.add(uploadId);
    for (const id of open) await objects.abortUpload(at, id);
    await objects.delete(at);
    await pending.remove(at);
  },
};

function endpointOf({ endpointConfig }: Wanted['manifest'], EndpointName: string) {
  return { EndpointName, EndpointConfigName: endpointConfig.EndpointConfigName };
}

async function pushImage({ target, wanted, push, signal, onProgress }: Execution): Promise<void> {
  const { image } = wanted;
  if (image === undefined || target.registry === undefined) return;
  const { url, username, password } = await target.registry.login();
  await push({
    reference: image.local,
    repository: `${url.host}/${image.repository}`,
    tag: image.tag,
    username,
    password,
    signal,
    onProgress,
  });
}

/** A model refers to the package now, so the model is what an orphan would be found by. */
async function forgetUpload({ wanted, pending }: Execution): Promise<void> {
  const at = wanted.package?.at;
  if (at !== undefined && (await pending.find(at)) !== undefined) await pending.remove(at);
}

/** Another run may have been quicker. */
async function deleted(control: ControlPlane, operation: string, input: object): Promise<void> {
  try {
    await control(operation, input);
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('Could not find'))) throw error;
  }
}

/** What a plan's steps have left in the account, for who has to know after a failure. */
export function whatExists(done: readonly Step[]): string[] {
  return done
    .filter(({ kind }) => !kind.startsWith('wait'))
    .map(({ call, subject }) => `${call} ${subject}`);
}
