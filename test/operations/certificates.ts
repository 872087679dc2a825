import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '#provision';

const TIMEOUT_MS = 30_000;

/** Files of a private CA and of a server's certificate that it has signed, for loopback. */
export interface Certificates {
  /** PEM. */
  readonly ca: string;
  /** PEM, certificate and key in one file, as HAProxy takes it. */
  readonly server: string;
}

/** Makes a CA of one's own and a certificate for 127.0.0.1 and localhost, as companies do. Needs openssl. */
export async function makeCertificates(folder: string): Promise<Certificates> {
  const at = (name: string): string => join(folder, name);
  const openssl = (...args: readonly string[]): Promise<string> =>
    runCommand('openssl', args, { timeoutMs: TIMEOUT_MS, cwd: folder });
  const key = ['-newkey', 'rsa:2048', '-nodes'];
  await openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=Private CA');
  await openssl('req', ...key, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=redis.internal');
  await writeFile(at('names.cnf'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
  const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'names.cnf'];
  await openssl('x509', '-req', '-in', 'server.csr', ...signed, '-out', 'server.crt');
  const parts = await Promise.all(['server.crt', 'server.key'].map((name) => readFile(at(name), 'utf8')));
  await writeFile(at('server.pem'), parts.join(''));
  return { ca: at('ca.pem'), server: at('server.pem') };
}
