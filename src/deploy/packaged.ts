import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import {
  type ModelPackage,
  type PackageOptions,
  packageModel,
  removePartials,
} from '../artifacts/package.js';
import type { ObjectAddress, Objects } from '../aws/objects.js';
import type { EndpointSettings } from '../config/config.js';
import { SmlocalError } from '../errors.js';

/** What SageMaker's containers are told: the handler lies in the model. */
const CODE_FOLDER = '/opt/ml/model/code';

/**
 * The package of an endpoint, or undefined where SageMaker finds its data as it is: in S3, without a handler to put in; or
 * where there is none.
 *
 * Data in S3 that a handler has to be put into is fetched first, once for each version of the object.
 */
export async function packageOf(
  settings: EndpointSettings,
  objects: Objects,
  options: PackageOptions & { readonly downloads: string },
): Promise<ModelPackage | undefined> {
  const { modelDataUrl: url, sourceDirectory: code, multiModel } = settings;
  // A prefix of archives, which stay where they are.
  if (multiModel !== undefined) return undefined;
  if (url?.startsWith('s3://')) {
    if (code === undefined) {
      await mustExist(objects, url);
      return undefined;
    }
    return packageModel({ model: await fetched(objects, url, options), code }, options);
  }
  const model = url === undefined ? undefined : fileURLToPath(url);
  if (model === undefined && code === undefined) return undefined;
  return packageModel({ model, code }, options);
}

/** The settings as SageMaker can have them: nothing of this machine is left in them. */
export function packagedSettings(
  settings: EndpointSettings,
  found: { modelDataUrl: string | undefined; image: string; roleArn: string | undefined },
): EndpointSettings {
  const { sourceDirectory, debug: _, reload: __, ...rest } = settings;
  const isOne = settings.multiModel === undefined;
  const hasCode = isOne && (sourceDirectory !== undefined || settings.entryPoint !== undefined);
  return {
    ...rest,
    debug: false,
    image: found.image,
    modelDataUrl: found.modelDataUrl,
    roleName: found.roleArn,
    environment: {
      ...(hasCode ? { SAGEMAKER_SUBMIT_DIRECTORY: CODE_FOLDER } : {}),
      ...settings.environment,
    },
  };
}

export function addressOf(url: string): ObjectAddress {
  const [bucket = '', ...key] = url.slice('s3://'.length).split('/');
  return { bucket, key: key.join('/') };
}

async function mustExist(objects: Objects, url: string) {
  const found = await objects.head(addressOf(url));
  if (found !== undefined) return found;
  throw new SmlocalError(`There is no model data at ${url}.`, {
    hint: 'Upload it, or set model_data_path to a file:// of this machine, which is uploaded by itself.',
  });
}

async function fetched(
  objects: Objects,
  url: string,
  { downloads, signal }: PackageOptions & { readonly downloads: string },
): Promise<string> {
  const { etag, bytes } = await mustExist(objects, url);
  await mkdir(downloads, { recursive: true, mode: 0o700 });
  await removePartials(downloads);
  const object = shortDigest([url]);
  const name = `${object}-${shortDigest([etag, bytes])}.tar.gz`;
  const file = join(downloads, name);
  if (existsSync(file)) return file;
  const partial = `${file}.${process.pid}.${randomUUID()}.partial`;
  try {
    const content = Readable.from(await objects.get(addressOf(url)));
    await pipeline(content, createWriteStream(partial, { flags: 'wx', mode: 0o600 }), { signal });
    await rename(partial, file);
    for (const other of await readdir(downloads)) {
      const isOlder = other.startsWith(`${object}-`) && other.endsWith('.gz') && other !== name;
      if (isOlder) await rm(join(downloads, other), { force: true });
    }
    return file;
  } finally {
    await rm(partial, { force: true });
  }
}

function shortDigest(content: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 16);
}
