import type {
  ContainerDefinition,
  CreateEndpointConfigCommandInput,
  CreateModelCommandInput,
  DataCaptureConfig,
  DeploymentConfig,
  EndpointStatus,
  MetricsConfig,
  ProductionVariant,
  Tag,
} from '@aws-sdk/client-sagemaker';
import { Ordered, type Place } from '../state/ordered.js';
import type { Collection } from '../state/store.js';
import { isEndpoint, isEndpointConfig, isModel } from './record-shapes.js';

/** A model as CreateModel was given it. Immutable, but for its tags. */
export interface ModelRecord extends CreateModelCommandInput {
  readonly ModelName: string;
  readonly ModelArn: string;
  readonly CreationTime: Date;
  readonly Tags: Tag[];
}

/** An endpoint config as CreateEndpointConfig was given it. Immutable, but for its tags. */
export interface EndpointConfigRecord extends CreateEndpointConfigCommandInput {
  readonly EndpointConfigName: string;
  readonly EndpointConfigArn: string;
  readonly ProductionVariants: ProductionVariant[];
  readonly CreationTime: Date;
  readonly Tags: Tag[];
}

/** One variant of a deployment: the config's words, with the model as it was when the deployment was made. */
export interface VariantDeployment {
  readonly variant: ProductionVariant & { readonly VariantName: string };
  readonly container: ContainerDefinition & { readonly Image: string };
  /** The model's; absent in records of earlier versions too. */
  readonly ExecutionRoleArn?: string;
  readonly EnableNetworkIsolation?: boolean;
  readonly instanceCount: number;
  /** Share of the traffic, against the other variants' weights. */
  readonly weight: number;
  /** `repository@sha256:…`, known once the image has been found. */
  readonly resolvedImage?: string;
  readonly resolutionTime?: Date;
}

/**
 * What an endpoint is to run: a frozen copy of its config and models, for both may be deleted while it serves.
 * `id` is on every container's label; a container with another id belongs to another deployment.
 */
export interface Deployment {
  readonly id: string;
  readonly EndpointConfigName: string;
  readonly variants: readonly VariantDeployment[];
  readonly DataCaptureConfig?: DataCaptureConfig;
  readonly MetricsConfig?: MetricsConfig;
  readonly startTime: Date;
  /** Why it was made, in words. */
  readonly cause: string;
}

export interface EndpointRecord {
  readonly EndpointName: string;
  readonly EndpointArn: string;
  readonly EndpointStatus: EndpointStatus;
  readonly CreationTime: Date;
  readonly LastModifiedTime: Date;
  readonly FailureReason?: string;
  readonly LastDeploymentConfig?: DeploymentConfig;
  readonly Tags: Tag[];
  /** What takes traffic. */
  readonly deployment?: Deployment;
  /** What is being brought up to take its place. */
  readonly pending?: Deployment;
}

export interface Records {
  readonly models: NamedRecords<ModelRecord>;
  readonly endpointConfigs: NamedRecords<EndpointConfigRecord>;
  readonly endpoints: NamedRecords<EndpointRecord>;
}

/** What lists are sorted by; `Status` is for endpoints. */
export type Order = 'CreationTime' | 'Name' | 'Status';

interface Named {
  readonly CreationTime: Date;
  readonly EndpointStatus?: EndpointStatus;
}

/**
 * Records found by their exact name. Two names that differ only in case cannot both be taken, for the service lower-cases
 * names in ARNs, where they would be one.
 */
export class NamedRecords<T extends Named> {
  readonly #collection: Collection<T>;
  readonly #nameOf: (record: T) => string;
  readonly #orders: Readonly<Record<Order, Ordered<T>>>;

  constructor(collection: Collection<T>, nameOf: (record: T) => string) {
    this.#collection = collection;
    this.#nameOf = nameOf;
    const ordered = (order: Order) =>
      new Ordered<T>(collection.values, (record) => this.placeOf(record, order));
    this.#orders = {
      CreationTime: ordered('CreationTime'),
      Name: ordered('Name'),
      Status: ordered('Status'),
    };
    collection.watch((before, after) => {
      for (const order of Object.values(this.#orders)) order.replace(before, after);
    });
  }

  inOrder(order: Order): Ordered<T> {
    return this.#orders[order];
  }

  nameOf(record: T): string {
    return this.#nameOf(record);
  }

  placeOf(record: T, order: Order): Place {
    const name = this.#nameOf(record);
    if (order === 'Name') return [name];
    return [
      order === 'Status' ? (record.EndpointStatus ?? '') : record.CreationTime.getTime(),
      name,
    ];
  }

  get(name: string): T | undefined {
    const record = this.#collection.get(name.toLowerCase());
    return record !== undefined && this.#nameOf(record) === name ? record : undefined;
  }

  isTaken(name: string): boolean {
    return this.#collection.get(name.toLowerCase()) !== undefined;
  }

  values(): T[] {
    return this.#collection.values();
  }

  put(name: string, record: T): Promise<void> {
    return this.#collection.put(name.toLowerCase(), record);
  }

  delete(name: string): Promise<void> {
    return this.#collection.delete(name.toLowerCase());
  }
}

/** How many instances a variant that serves has; undefined where there is none, or it is serverless. */
export function capacityOf(
  { endpoints }: Records,
  endpointName: string,
  variantName: string,
): number | undefined {
  const found = endpoints
    .get(endpointName)
    ?.deployment?.variants.find(({ variant }) => variant.VariantName === variantName);
  return found?.variant.ServerlessConfig === undefined ? found?.instanceCount : undefined;
}

/** Opens one kind of records, each known by its shape. */
export type OpenRecords = <T>(
  name: string,
  isRecord: (value: unknown, key: string) => boolean,
) => Collection<T>;

/** The folders of a state folder in which records are. */
export const RECORD_FOLDERS = ['models', 'endpoint-configs', 'endpoints'] as const;

/** Opens the records of a state folder. */
export function openRecords(open: OpenRecords): Records {
  const [models, configs, endpoints] = RECORD_FOLDERS;
  return {
    models: new NamedRecords(open<ModelRecord>(models, isModel), ({ ModelName }) => ModelName),
    endpointConfigs: new NamedRecords(
      open<EndpointConfigRecord>(configs, isEndpointConfig),
      (config) => config.EndpointConfigName,
    ),
    endpoints: new NamedRecords(
      open<EndpointRecord>(endpoints, isEndpoint),
      (endpoint) => endpoint.EndpointName,
    ),
  };
}
