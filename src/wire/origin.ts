import type { IncomingHttpHeaders } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { ServiceError } from '../errors.js';

/** Addresses that lead to this machine and nowhere else. */
const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Is it this machine's own address: 127.0.0.0/8, ::1, or the first within IPv6? Names are none but `localhost`. */
export function isLoopback(host: string): boolean {
  // The two that nearly every request comes to: a BlockList costs as much as all the other checks together.
  if (host === 'localhost' || host === '127.0.0.1') return true;
  const family = isIP(host);
  return family !== 0 && LOOPBACK.check(host, family === 4 ? 'ipv4' : 'ipv6');
}

export interface OriginRules {
  /** The address that is listened on. */
  readonly host: string;
  /** Further names that this machine goes by, in lower case; `*.` before one stands for any below it. */
  readonly allowedHosts: readonly string[];
}

/**
 * Why a request may not come in, going by whom it is addressed to and which web page sent it; undefined where it may.
 *
 * On a loopback address everybody on the machine is let in, the user's browser among them. A web page gets there by a name
 * of its own that it has turned to 127.0.0.1 (DNS rebinding), which shows in `Host`, or by a request across origins, which
 * browsers mark with `Origin` and `Sec-Fetch-Site`. On any other address names prove nothing and signatures decide.
 */
export function originFault(
  headers: IncomingHttpHeaders,
  rules: OriginRules,
): ServiceError | undefined {
  const { host = '', origin } = headers;
  if (isLoopback(rules.host) && !isOwnName(host, rules)) return foreignHost(host);
  if (origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`) {
    return denied(`smlocal answers no web pages of other origins (${shown(origin)}).`);
  }
  const from = headers['sec-fetch-site'];
  const follows = headers['sec-fetch-mode'] === 'navigate'; // A link that somebody clicked on; no page reads its answer.
  if ((from === 'cross-site' || from === 'same-site') && !follows) {
    return denied('smlocal answers no web pages of other origins.');
  }
  return undefined;
}

/** The host of a `Host` header without its port and brackets, or nothing where it is none. */
function nameIn(host: string): string | undefined {
  const [, bracketed, plain] =
    /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(host) ?? [];
  return (bracketed ?? plain)?.toLowerCase();
}

function isOwnName(header: string, { host, allowedHosts }: OriginRules): boolean {
  const name = nameIn(header);
  if (name === undefined) return false;
  // Nobody can turn a name below localhost elsewhere (RFC 6761), so S3's buckets may be such.
  if (isLoopback(name) || name === host || name.endsWith('.localhost')) return true;
  return allowedHosts.some((allowed) =>
    allowed.startsWith('*.') ? name.endsWith(allowed.slice(1)) : name === allowed,
  );
}

function foreignHost(host: string): ServiceError {
  return denied(
    `smlocal does not answer to the host name ${shown(host)}. If this machine goes by it, add it to "allowed_hosts" of config.yml.`,
  );
}

function denied(message: string): ServiceError {
  return new ServiceError('AccessDeniedException', 403, message);
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}
