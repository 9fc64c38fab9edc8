import { randomBytes, timingSafeEqual } from 'node:crypto';

/** Who a temporary access key stands for. */
export interface Session {
  readonly accountId: string;
  readonly roleName: string;
  readonly sessionName: string;
}

/** What AssumeRole gives out. */
export interface SessionCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** An HMAC for one use, with a secret that nobody but this state folder has. */
export type Mac = (use: string, text: string) => Buffer;

/** Far more than anyone has in use at once. */
const MOST = 1000;

const MAC_BYTES = 32;

/**
 * The temporary access keys that are given out. A key's secret and its token are made of a secret of the state folder, and the token
 * says whose it is and until when: so the next daemon knows them too, and nothing need be kept.
 */
export class Sessions {
  readonly #mac: Mac;
  readonly #known = new Map<string, Session>();

  constructor(mac: Mac) {
    this.#mac = mac;
  }

  /** Gives out keys for a session. */
  issue(session: Session, expires: Date): SessionCredentials {
    const accessKeyId = `ASIA${randomBytes(8).toString('hex').toUpperCase()}`;
    this.add(accessKeyId, session);
    const said = Buffer.from(JSON.stringify({ ...session, expires: expires.getTime() }));
    const sessionToken = Buffer.concat([this.#seal(accessKeyId, said), said]).toString('base64');
    return { accessKeyId, secretAccessKey: this.#secretOf(accessKeyId), sessionToken };
  }

  /** Says whom a key stands for that was made elsewhere. */
  add(accessKeyId: string, session: Session): void {
    const [oldest] = this.#known.keys();
    if (this.#known.size >= MOST && oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(accessKeyId, session);
  }

  /** Whom a key stands for; one that an earlier daemon gave out says it by its token. */
  of(accessKeyId: string, sessionToken: string | undefined): Session | undefined {
    return this.#known.get(accessKeyId) ?? this.#read(accessKeyId, sessionToken);
  }

  /** The secret of a key that was given out with this token; `expired` after its time, undefined where it was not given out. */
  secretOf(
    accessKeyId: string,
    sessionToken: string | undefined,
    now: Date,
  ): { readonly secret: string } | 'expired' | undefined {
    const said = this.#read(accessKeyId, sessionToken);
    if (said === undefined) return undefined;
    return said.expires <= now.getTime() ? 'expired' : { secret: this.#secretOf(accessKeyId) };
  }

  #read(accessKeyId: string, sessionToken: string | undefined) {
    const token = Buffer.from(sessionToken ?? '', 'base64');
    if (token.length <= MAC_BYTES) return undefined;
    const said = token.subarray(MAC_BYTES);
    if (!timingSafeEqual(token.subarray(0, MAC_BYTES), this.#seal(accessKeyId, said))) {
      return undefined;
    }
    return JSON.parse(said.toString('utf8')) as Session & { readonly expires: number };
  }

  #seal(accessKeyId: string, said: Buffer): Buffer {
    return this.#mac('session token', `${accessKeyId}\n${said.toString('base64')}`);
  }

  #secretOf(accessKeyId: string): string {
    return this.#mac('session secret', accessKeyId).toString('base64').slice(0, 40);
  }
}
