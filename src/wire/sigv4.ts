import { createHash, createHmac, type Hash, type Hmac, timingSafeEqual } from 'node:crypto';
import { getSigningKey, SignatureV4Base } from '@smithy/signature-v4';

/** What a signed request says of its signature. */
export interface SignatureClaim {
  readonly accessKeyId: string;
  /** `YYYYMMDD`, as in the credential scope. */
  readonly day: string;
  readonly region: string;
  readonly service: string;
  /** In lower case. */
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** `YYYYMMDDTHHMMSSZ`. */
  readonly date: string;
  /** Seconds that a presigned URL lasts; undefined where the signature is in a header. */
  readonly expires: number | undefined;
}

/** The parts of a request that are signed. */
export interface SignedParts {
  readonly method: string;
  /** As it came, with its query. */
  readonly url: string;
  readonly headers: NodeJS.Dict<string[]>;
  /** SHA-256 of the body in hexadecimal, or one of the markers that stand for it. */
  readonly payloadHash: string;
}

/** SHA-256 as the library asks for it; with a key, its HMAC. */
class Sha256 {
  readonly #hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash =
      secret === undefined ? createHash('sha256') : createHmac('sha256', secret as never);
  }

  update(data: Uint8Array): void {
    this.#hash.update(data);
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {
    throw new Error('A hash is used once.');
  }
}

/** Makes the signature anew with the SDK's own signer: of what the client says that it signed, in the form that it came. */
class Resigner extends SignatureV4Base {
  constructor(service: string) {
    // S3 alone takes paths as they are; every other service encodes them once more.
    super({
      ...{ service, region: '', sha256: Sha256, uriEscapePath: service !== 's3' },
      credentials: { accessKeyId: '', secretAccessKey: '' },
    });
  }

  async sign(parts: SignedParts, claim: SignatureClaim, secretAccessKey: string): Promise<string> {
    const { day, region, service } = claim;
    const canonical = this.createCanonicalRequest(
      requestOf(parts, service),
      canonicalHeaders(parts, claim),
      parts.payloadHash,
    );
    const scope = `${day}/${region}/${service}/aws4_request`;
    const text = await this.createStringToSign(claim.date, scope, canonical, 'AWS4-HMAC-SHA256');
    const credentials = { accessKeyId: claim.accessKeyId, secretAccessKey };
    const key = await getSigningKey(Sha256, credentials, day, region, service);
    return createHmac('sha256', key).update(text).digest('hex');
  }
}

/** Is the signature the one that the key makes? A path or query that cannot be decoded has none. */
export async function isSignedBy(
  secret: string,
  claim: SignatureClaim,
  parts: SignedParts,
): Promise<boolean> {
  const made = await new Resigner(claim.service).sign(parts, claim, secret).catch(() => '');
  const [given, wanted] = [Buffer.from(claim.signature), Buffer.from(made)];
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function requestOf({ method, url }: SignedParts, service: string) {
  const [path = '', search = ''] = split(url, '?');
  return {
    ...{ method, protocol: 'http:', hostname: '', headers: {}, query: queryOf(search) },
    path: service === 's3' ? path.split('/').map(reencoded).join('/') : path,
  };
}

/** Clients differ in what they leave unencoded in a path; S3 signs the one form that AWS describes. */
function reencoded(part: string): string {
  return encodeURIComponent(decodeURIComponent(part)).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function queryOf(search: string): Record<string, string | string[]> {
  const query: Record<string, string[]> = Object.create(null);
  for (const pair of search.split('&')) {
    if (pair === '') continue;
    const [name = '', value = ''] = split(pair, '=').map(decodeURIComponent);
    query[name] = [...(query[name] ?? []), value];
  }
  return query;
}

function split(text: string, at: string): string[] {
  const place = text.indexOf(at);
  return place === -1 ? [text] : [text.slice(0, place), text.slice(place + 1)];
}

function canonicalHeaders({ headers }: SignedParts, { signedHeaders }: SignatureClaim) {
  return Object.fromEntries(
    signedHeaders.map((name) => [
      name,
      (headers[name] ?? []).map((value) => value.trim().replace(/\s+/g, ' ')).join(','),
    ]),
  );
}
