import type * as ECR from '@aws-sdk/client-ecr';
import { SmlocalError } from '../errors.js';
import { aws, isRefusal } from './call.js';
import { guard } from './endpoint-guard.js';
import type { AwsSettings } from './settings.js';

/** How to be let in to the registry of the account. */
export interface RegistryLogin {
  /** Where it answers: `https://ACCOUNT.dkr.ecr.REGION.amazonaws.com`. */
  readonly url: URL;
  readonly username: string;
  readonly password: string;
}

/** What a registry may call a manifest; it gives out none of a kind that is not asked for. */
const MANIFESTS = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/** ECR, as far as a push needs it. */
export class ImageRegistry {
  readonly #settings: AwsSettings;
  readonly #signal: AbortSignal;
  #loading: Promise<{ sdk: typeof ECR; client: ECR.ECRClient }> | undefined;
  #login: Promise<RegistryLogin> | undefined;

  constructor(settings: AwsSettings, signal: AbortSignal) {
    this.#settings = settings;
    this.#signal = signal;
  }

  /** The account's own registry, and a password for it that is good for twelve hours. */
  login(): Promise<RegistryLogin> {
    this.#login ??= this.#logIn();
    return this.#login;
  }

  async hasRepository(name: string): Promise<boolean> {
    const { sdk, client } = await this.#load();
    const command = new sdk.DescribeRepositoriesCommand({ repositoryNames: [name] });
    try {
      await aws('ecr:DescribeRepositories', () => client.send(command, this.#options()));
      return true;
    } catch (error) {
      if (isRefusal(error, 'RepositoryNotFoundException')) return false;
      throw error;
    }
  }

  async createRepository(name: string, tags: Readonly<Record<string, string>>): Promise<void> {
    const { sdk, client } = await this.#load();
    const command = new sdk.CreateRepositoryCommand({
      repositoryName: name,
      tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    });
    try {
      await aws('ecr:CreateRepository', () => client.send(command, this.#options()));
    } catch (error) {
      if (!isRefusal(error, 'RepositoryAlreadyExistsException')) throw error;
    }
  }

  /** Whether the registry has an image under this name and tag: asked of the registry itself, as docker would. */
  async has(repository: string, tag: string): Promise<boolean> {
    const { url, username, password } = await this.login();
    const basic = Buffer.from(`${username}:${password}`).toString('base64');
    const manifest = new URL(`/v2/${repository}/manifests/${tag}`, url);
    let response: Response;
    try {
      response = await fetch(manifest, {
        method: 'HEAD',
        headers: { authorization: `Basic ${basic}`, accept: MANIFESTS },
        signal: this.#signal,
      });
    } catch (error) {
      this.#signal.throwIfAborted();
      throw new SmlocalError(`The registry ${url.host} could not be reached.`, {
        hint: 'Check the network, then type the same again.',
        cause: error,
      });
    }
    // Whoever may push may not always read; then it is pushed once more, which sends no layer twice.
    return response.ok;
  }

  dispose(): void {
    void this.#loading?.then(({ client }) => client.destroy());
  }

  async #logIn(): Promise<RegistryLogin> {
    const { sdk, client } = await this.#load();
    const command = new sdk.GetAuthorizationTokenCommand({});
    const { authorizationData } = await aws('ecr:GetAuthorizationToken', () =>
      client.send(command, this.#options()),
    );
    const [data] = authorizationData ?? [];
    if (data?.authorizationToken === undefined || data.proxyEndpoint === undefined) {
      throw new SmlocalError('ECR gave no authorization token.');
    }
    // `USER:PASSWORD` in base64.
    const [username = '', ...password] = Buffer.from(data.authorizationToken, 'base64')
      .toString('utf8')
      .split(':');
    return { url: new URL(data.proxyEndpoint), username, password: password.join(':') };
  }

  #options(): { abortSignal: AbortSignal } {
    return { abortSignal: this.#signal };
  }

  #load() {
    this.#loading ??= load(this.#settings);
    return this.#loading;
  }
}

async function load(settings: AwsSettings) {
  const sdk = await import('@aws-sdk/client-ecr');
  const client = new sdk.ECRClient(settings);
  guard(client, settings);
  return { sdk, client };
}
