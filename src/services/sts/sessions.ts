/** Who a temporary access key stands for. */
export interface Session {
  readonly accountId: string;
  readonly roleName: string;
  readonly sessionName: string;
  /** What AssumeRole gave out with the key. */
  readonly secretAccessKey?: string;
}

/** Far more than anyone has in use at once. */
const MOST = 1000;

/** The access keys that AssumeRole gave out; after a restart their holders are who they were before. */
export class Sessions {
  readonly #sessions = new Map<string, Session>();

  add(accessKeyId: string, session: Session): void {
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size >= MOST && oldest !== undefined) this.#sessions.delete(oldest);
    this.#sessions.set(accessKeyId, session);
  }

  of(accessKeyId: string): Session | undefined {
    return this.#sessions.get(accessKeyId);
  }
}
