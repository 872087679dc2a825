import { isIPv6 } from 'node:net';

const LOOPBACK: readonly string[] = ['127.0.0.1', '::1', 'localhost'];
/** All addresses of a machine, and one of them by which a process of that machine reaches what listens there. */
const EVERYWHERE: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': 'localhost' };

/** A host as programs listen on it: an IPv6 address in its shortest form, without the brackets that addresses put around it. */
export function plainHost(text: string): string {
  const host = text
    .trim()
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase();
  // A zone (`fe80::1%eth0`) has no place in an address of the web.
  if (!isIPv6(host) || host.includes('%')) return host;
  return new URL(`http://[${host}]`).hostname.slice(1, -1);
}

/** Whether only this machine reaches what listens there. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.includes(plainHost(host));
}

/** The `host:port` by which this machine reaches what listens on `host`. */
export function reachableAt(host: string, port: number): string {
  const plain = plainHost(host);
  const reached = EVERYWHERE[plain] ?? plain;
  return `${isIPv6(reached) ? `[${reached}]` : reached}:${port}`;
}
