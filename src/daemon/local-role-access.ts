import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Config } from '../config/config.js';
import type { ContainerEngine, HostAddress } from '../containers/engine.js';
import { partitionOf } from '../hosting/arn.js';
import { rolesOf } from '../hosting/deployment.js';
import type { EndpointRecord } from '../hosting/records.js';
import type { ContainerRole, RoleAccess } from '../hosting/role-access.js';
import type { Logger } from '../log.js';
import { LOCAL_ROLE } from '../services/sts/operations.js';
import type { Sessions } from '../services/sts/sessions.js';
import type { GuardSettings } from '../wire/guard.js';
import { WIRE_LIMITS } from '../wire/limits.js';
import { listen, temporaryKey } from './listen.js';
import type { RoleKeys } from './role-keys.js';

export interface RoleAccessParts {
  readonly config: Config;
  readonly engine: ContainerEngine;
  readonly keys: RoleKeys;
  readonly sessions: Sessions;
  readonly log: Logger;
}

/** As SageMaker names the session in which a container has its role. */
const SESSION_NAME = 'SageMaker';

const ROLE_ARN = /^arn:aws[a-z-]*:iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/;

/**
 * A second way in, for what smlocal serves: the daemon itself is bound to 127.0.0.1, which is another machine's to a container.
 * It listens where the engine says that containers come, opens with the first that starts, and lets in whoever has signed with
 * a key of an execution role; what such may do, `wire/container-calls.ts` says.
 */
export class LocalRoleAccess implements RoleAccess {
  readonly #parts: RoleAccessParts;
  #serverFor: ((guard: GuardSettings) => Server) | undefined;
  #opening: Promise<{ url: string; server: Server } | undefined> | undefined;

  constructor(parts: RoleAccessParts) {
    this.#parts = parts;
  }

  /** Says what answers; nothing is listened on yet. */
  serveBy(serverFor: (guard: GuardSettings) => Server): void {
    this.#serverFor = serverFor;
  }

  async environmentFor({ roleArn }: ContainerRole): Promise<Readonly<Record<string, string>>> {
    const open = await this.#open();
    if (open === undefined) return {};
    const { accessKeyId, secretAccessKey, sessionToken } = this.#know(roleArn);
    return {
      AWS_ENDPOINT_URL: open.url,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
      AWS_EC2_METADATA_DISABLED: 'true',
    };
  }

  /** Opens for the containers of endpoints that run already, with the roles that they have. */
  async reopen(endpoints: readonly EndpointRecord[]): Promise<void> {
    for (const roleArn of endpoints.flatMap(rolesOf)) {
      this.#know(roleArn);
      await this.#open();
    }
  }

  /** Ends every connection. Safe to call where nothing was opened. */
  async close(): Promise<void> {
    const open = await this.#opening;
    if (open === undefined) return;
    const closed = new Promise((resolve) => open.server.close(resolve));
    open.server.closeAllConnections();
    await closed;
  }

  /** The key of a role, which from now on stands for it. Who has none is the role that everybody has. */
  #know(roleArn: string | undefined) {
    const { keys, sessions, config } = this.#parts;
    const { region, accountId: own } = config;
    const arn = roleArn ?? `arn:${partitionOf(region)}:iam::${own}:role/${LOCAL_ROLE}`;
    const key = keys.of(arn);
    const [, accountId = own, roleName = LOCAL_ROLE] = ROLE_ARN.exec(arn) ?? [];
    sessions.add(key.accessKeyId, { accountId, roleName, sessionName: SESSION_NAME });
    return key;
  }

  #open() {
    this.#opening ??= this.#listen().catch((error: unknown) => {
      // Containers serve without it, as long as no handler calls AWS.
      this.#parts.log.warn({ err: error }, 'containers have no way to AWS’s local address');
      return undefined;
    });
    return this.#opening;
  }

  async #listen() {
    const { engine, keys, log } = this.#parts;
    let fault: unknown;
    for (const address of await engine.hostAddresses()) {
      // Containers that run already look for the port that they were told.
      for (const port of new Set([keys.port, 0])) {
        try {
          const open = await this.#listenOn(address, port);
          log.info({ ...address, port: keys.port }, 'listening for containers');
          return open;
        } catch (error) {
          fault ??= error;
        }
      }
    }
    throw fault;
  }

  async #listenOn(address: HostAddress, port: number) {
    const server = this.#serverFor?.(this.#guard(address));
    if (server === undefined) throw new Error('nothing is there to answer containers');
    await listen(server, { host: address.listenOn, port });
    const { port: taken } = server.address() as AddressInfo;
    this.#parts.keys.port = taken;
    return { url: `http://${address.reachedAs}:${taken}`, server };
  }

  #guard({ listenOn, reachedAs }: HostAddress): GuardSettings {
    const { keys, sessions } = this.#parts;
    return {
      host: listenOn,
      // A signature is asked for, so a name that a web page has turned here does no harm.
      allowedHosts: [reachedAs],
      // Those of AssumeRole say so by their token; of all others the secret is none that anybody knows.
      accessKeys: (id, token) => temporaryKey(sessions, id, token) ?? { secret: keys.secretOf(id) },
      limits: WIRE_LIMITS,
      forContainers: true,
    };
  }
}
