import type {
  ContainerDefinition,
  DescribeEndpointCommandOutput,
  Tag,
} from '@aws-sdk/client-sagemaker';
import type { Sample } from '../support/fixtures.js';

/** What a client is asked to live through. Names begin with `name`, so that lists can be asked for them alone. */
export interface Life {
  readonly name: string;
  readonly container: ContainerDefinition;
  readonly good: Sample;
  readonly bad: Sample;
  readonly tags: Tag[];
}

/**
 * What a client saw of the whole life of an endpoint, as plain JSON and in its own view: a time is a string, but a number
 * at the command line. One set of checks then serves every client.
 */
export interface Story {
  readonly arns: {
    readonly model: string;
    readonly endpointConfig: string;
    readonly endpoint: string;
  };
  /** DescribeEndpoint straight after CreateEndpoint, after the waiter, after UpdateEndpoint, and after the waiter again. */
  readonly created: Description;
  readonly inService: Description;
  readonly updating: Description;
  readonly updated: Description;
  /** The names, one to a page, newest first. */
  readonly listed: {
    readonly models: string[];
    readonly endpointConfigs: string[];
    readonly endpoints: string[];
  };
  /** ListTags: as created, after AddTags, and after DeleteTags. */
  readonly tags: { readonly created: Tag[]; readonly added: Tag[]; readonly left: Tag[] };
  readonly answer: Answer;
  readonly answerAfterUpdate: Answer;
  readonly refusal: ModelRefusal;
  /** What describing each says once it has been deleted. */
  readonly gone: {
    readonly endpoint: Refusal;
    readonly endpointConfig: Refusal;
    readonly model: Refusal;
  };
}

type Description = Partial<
  Record<Exclude<keyof DescribeEndpointCommandOutput, '$metadata'>, unknown>
>;

export interface Answer {
  readonly body: string;
  /** Absent where the container names none. */
  readonly contentType?: string | null;
  readonly variant?: string;
}

export interface Refusal {
  readonly code: string;
  readonly message: string;
}

export interface ModelRefusal extends Refusal {
  /** Absent where the client shows no more than a message. */
  readonly originalStatusCode?: number;
  readonly originalMessage?: string;
  readonly logStreamArn?: string;
}

/** The names of a life. The second of each is what the endpoint is updated to. */
export function namesOf(name: string) {
  return {
    endpoint: `${name}-endpoint`,
    models: [`${name}-model-1`, `${name}-model-2`] as const,
    endpointConfigs: [`${name}-config-1`, `${name}-config-2`] as const,
    variants: ['First', 'Second'] as const,
  };
}
