import type { Server } from 'node:http';
import { type AddressInfo, isIPv6 } from 'node:net';
import type { Config } from '../config/config.js';
import { SmlocalError } from '../errors.js';
import type { Sessions } from '../services/sts/sessions.js';
import type { GuardSettings } from '../wire/guard.js';
import { WIRE_LIMITS } from '../wire/limits.js';
import { isLoopback } from '../wire/origin.js';
import type { AccessKeys, FoundKey } from '../wire/verify.js';
import type { DaemonAddress } from './state-folder.js';

/** Addresses that stand for every one that the machine has. */
const ANY: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '[::1]' };

/**
 * Who is let in, by the config. Beyond this machine only whoever signs with a known key.
 * @throws SmlocalError where signatures are to be verified and no key is known
 */
export function guardSettings(config: Config, sessions: Sessions): GuardSettings {
  const { host, allowedHosts, accessKeys } = config;
  const verify = verifies(config);
  if (verify && Object.keys(accessKeys).length === 0) {
    throw new SmlocalError('Signatures are to be verified, and no access key is known.', {
      hint: 'Export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name keys under "access_keys" of config.yml. Signatures are verified with --verify-signatures, and wherever smlocal listens beyond 127.0.0.1.',
    });
  }
  const keys = verify ? keysOf(accessKeys, sessions) : undefined;
  return { host, allowedHosts, accessKeys: keys, limits: WIRE_LIMITS };
}

function verifies({ verifySignatures, host }: Config): boolean {
  return verifySignatures || !isLoopback(host);
}

/** The keys of config.yml, and what AssumeRole has given out. Tokens of the former are somebody else's: they may be AWS's own. */
function keysOf(accessKeys: Config['accessKeys'], sessions: Sessions): AccessKeys {
  return (id, token) => {
    const secret = Object.hasOwn(accessKeys, id) ? accessKeys[id] : undefined;
    if (secret !== undefined) return { secret };
    const unknown = token === undefined ? 'unknown-key' : 'wrong-token';
    return temporaryKey(sessions, id, token) ?? { fault: unknown };
  };
}

/** A key that AssumeRole has given out; undefined for any other. */
export function temporaryKey(
  sessions: Sessions,
  accessKeyId: string,
  token: string | undefined,
): FoundKey | undefined {
  const found = sessions.secretOf(accessKeyId, token, new Date());
  return found === 'expired' ? { fault: 'expired-token' } : found;
}

/** What the commands of this state folder sign with: the first key, where signatures are verified. */
export function ownCredentials(config: Config): DaemonAddress['credentials'] {
  const [key] = verifies(config) ? Object.entries(config.accessKeys) : [];
  return key && { accessKeyId: key[0], secretAccessKey: key[1] };
}

/**
 * Listens on an address of this machine; port 0 takes any free one.
 * @returns the address to give to an SDK
 * @throws SmlocalError where the port is taken, or the address is not this machine's
 */
export function listen(
  server: Server,
  { host, port }: Pick<Config, 'host' | 'port'>,
): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(explain(error, host, port)));
    server.listen(port, host, () => {
      const name = ANY[host] ?? (isIPv6(host) ? `[${host}]` : host);
      resolve(`http://${name}:${(server.address() as AddressInfo).port}`);
    });
  });
}

function explain(error: NodeJS.ErrnoException, host: string, port: number): Error {
  if (error.code === 'EADDRINUSE') {
    return new SmlocalError(`Port ${port} is taken by another program.`, {
      hint: `Take another: smlocal up --port ${port + 1}`,
      cause: error,
    });
  }
  if (error.code === 'EACCES') {
    return new SmlocalError(`You may not listen on port ${port}.`, {
      hint: 'Take one above 1023: smlocal up --port 4577',
      cause: error,
    });
  }
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND') {
    return new SmlocalError(`This machine has no address ${host}.`, {
      hint: 'Name one that it has, or 0.0.0.0 for all of them: smlocal up --host 0.0.0.0',
      cause: error,
    });
  }
  return error;
}
