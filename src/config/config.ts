import type { EndpointBlock, ServerlessBlock } from './endpoint-schema.js';
import type { S3Settings } from './s3-schema.js';
import type { TestSettings } from './test-settings.js';

/** One of an endpoint's variants: instances of a type, or serverless. */
export interface VariantSettings {
  readonly name: string;
  /** Share of the traffic, against the others'. */
  readonly weight: number;
  /** `local`, `local_gpu` or AWS's word; absent where it is serverless. */
  readonly instanceType?: string;
  readonly instanceCount?: number;
  readonly serverless?: Readonly<ServerlessBlock>;
  readonly startupTimeoutSeconds?: number;
  readonly downloadTimeoutSeconds?: number;
}

/** What an endpoint of config.yml is: one model behind its variants. Paths are absolute here. */
export interface EndpointSettings {
  readonly endpointName: string;
  readonly modelName: string;
  readonly image: string;
  /** `s3://…` or `file:///…`. */
  readonly modelDataUrl?: string;
  /** For one container with several models: their archives are below `modelDataUrl`, each with its own handler. */
  readonly multiModel?: { readonly cacheSetting: 'Enabled' | 'Disabled' };
  /** The handler's folder, shown at /opt/ml/model/code. */
  readonly sourceDirectory?: string;
  /** The handler's file within it. */
  readonly entryPoint?: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly roleName?: string;
  /** At least one. */
  readonly variants: readonly VariantSettings[];
  readonly tags: Readonly<Record<string, string>>;
  readonly async?: Readonly<NonNullable<EndpointBlock['async']>>;
  readonly dataCapture?: Readonly<NonNullable<EndpointBlock['data_capture']>>;
  readonly vpc?: Readonly<NonNullable<EndpointBlock['vpc']>>;
  readonly kmsKey?: string;
  /** What `smlocal test` asks. */
  readonly tests?: readonly TestSettings[];
  /** Without Docker: an interpreter, or the folder of a virtual environment. Absolute, or a name to be found on PATH. */
  readonly python?: string;
  /** Without Docker: the server to run in place of our host for handlers, as a line for the shell. */
  readonly command?: string;
  /** Whether its one worker waits for a debugger to attach. */
  readonly debug: boolean;
  /** `restart`: a new container takes the old one's place only when that has gone, for a model too big to hold twice. */
  readonly reload?: 'beside' | 'restart';
}

/** config.yml, checked, with its defaults filled in. */
export interface Config {
  /** Absolute path of the file, or undefined where there is none. */
  readonly file: string | undefined;
  /** The address that is listened on. */
  readonly host: string;
  readonly port: number;
  /** Further host names that requests may be addressed to. */
  readonly allowedHosts: readonly string[];
  /** Whether only requests signed by one of `accessKeys` are answered; always so where `host` is not this machine's own. */
  readonly verifySignatures: boolean;
  /** Access key ids to their secrets. */
  readonly accessKeys: Readonly<Record<string, string>>;
  readonly region: string;
  readonly accountId: string;
  readonly platform: string | undefined;
  /** What runs the serving containers: Docker, local processes, or Docker where one answers. */
  readonly engine: 'auto' | 'docker' | 'process';
  /** Image names, with `*`, to the local image that stands in. */
  readonly images: Readonly<Record<string, string>>;
  readonly limits: { readonly maxBytes?: number; readonly maxEntries?: number };
  /** Which buckets are another S3's; absent where none is. */
  readonly s3?: S3Settings;
  readonly watch: {
    /** Patterns as in .gitignore. */
    readonly ignore: readonly string[];
    /** Look at the files every so often, where no events come. */
    readonly polling: boolean;
  };
  readonly endpoints: readonly EndpointSettings[];
  /** What a deploy needs to know of the environment beside its endpoints. */
  readonly deploy?: DeploySettings;
}

/** Nobody but this machine reaches it. */
export const DEFAULT_HOST = '127.0.0.1';

export interface DeploySettings {
  /** The block of `environments:` that this is. */
  readonly environment: string;
  readonly bucket?: string;
  /** As config.yml has it; the user's AWS settings say it where absent. */
  readonly region?: string;
  readonly profile?: string;
  /** The account that the credentials must be of. */
  readonly account?: string;
  readonly keepVersions: number;
}

/** One to go back to. */
export const DEFAULT_KEEP_VERSIONS = 1;

export const DEFAULT_PORT = 4577;

/** No real account has this number. */
export const DEFAULT_ACCOUNT = '000000000000';

const FALLBACK_REGION = 'us-east-1';

/** The region for what is not signed for another: the user's own, as the SDKs look for it. */
export function defaultRegion(environment: NodeJS.ProcessEnv): string {
  return environment.AWS_REGION || environment.AWS_DEFAULT_REGION || FALLBACK_REGION;
}
