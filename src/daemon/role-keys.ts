import { createHmac, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writePrivate } from './state-folder.js';

interface Kept {
  /** Of which every key's secret is made, in hexadecimal. */
  readonly secret: string;
  /** Where containers found us last. */
  readonly port: number;
}

export interface RoleKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** Temporary keys begin so, AWS's too. */
const TEMPORARY = 'ASIA';

/**
 * The keys of execution roles: made of a secret of the state folder, so that containers which outlive their daemon are known to
 * the next by the keys that they have.
 */
export class RoleKeys {
  readonly #file: string;
  #kept: Kept | undefined;

  constructor(stateDir: string) {
    this.#file = join(stateDir, 'role-keys.json');
  }

  /** The key of the role of this ARN. */
  of(roleArn: string): RoleKey {
    const accessKeyId =
      TEMPORARY + this.mac('id', roleArn).toString('hex').slice(0, 16).toUpperCase();
    const sessionToken = this.mac('token', roleArn).toString('base64');
    return { accessKeyId, secretAccessKey: this.secretOf(accessKeyId), sessionToken };
  }

  /** What a key of ours is signed with; of one that is not, what nobody knows. */
  secretOf(accessKeyId: string): string {
    return this.mac('secret', accessKeyId).toString('base64').slice(0, 40);
  }

  /** Where containers that run already look for us; 0 where there are none. */
  get port(): number {
    return this.#read().port;
  }

  set port(port: number) {
    if (port !== this.port) this.#write({ ...this.#read(), port });
  }

  /** An HMAC with the state folder's secret. */
  readonly mac = (use: string, text: string): Buffer => {
    return createHmac('sha256', Buffer.from(this.#read().secret, 'hex'))
      .update(`${use}\n${text}`)
      .digest();
  };

  #read(): Kept {
    if (this.#kept !== undefined) return this.#kept;
    const found = existsSync(this.#file) ? keptIn(readFileSync(this.#file, 'utf8')) : undefined;
    if (found === undefined)
      return this.#write({ secret: randomBytes(32).toString('hex'), port: 0 });
    this.#kept = found;
    return found;
  }

  #write(kept: Kept): Kept {
    writePrivate(this.#file, JSON.stringify(kept));
    this.#kept = kept;
    return kept;
  }
}

/** Undefined where the file is damaged: containers that run still are then unknown, as after any other key was lost. */
function keptIn(text: string): Kept | undefined {
  try {
    const { secret, port } = JSON.parse(text) as Partial<Kept>;
    const whole = /^[0-9a-f]{64}$/.test(secret ?? '') && Number.isInteger(port);
    return whole ? ({ secret, port } as Kept) : undefined;
  } catch {
    return undefined;
  }
}
