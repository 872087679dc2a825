import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '#provision';
import type { HostProcess } from '../support/host-process.js';
import type { Operation } from './operation.js';

const OPENSSL_TIMEOUT_MS = 30_000;

/** A certificate that nobody has signed, and its key. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

/** Makes a certificate for a name and `localhost`. */
export async function selfSigned(folder: string, name: string): Promise<Certificate> {
  const [certificate, key] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)];
  const kind = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
  const args = [...kind, '-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name},DNS:localhost`];
  await runCommand('openssl', [...args, '-keyout', key, '-out', certificate], { timeoutMs: OPENSSL_TIMEOUT_MS });
  return { certificate, key };
}

/** Starts nginx with these `server` blocks and nothing else that is not its default, and waits until a port of it answers. */
export async function startNginx(operation: Operation, servers: string, port: number): Promise<HostProcess> {
  const folder = join(operation.folder, 'nginx');
  await mkdir(folder);
  const file = join(folder, 'nginx.conf');
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `  ${name}_temp_path ${folder}/${name};`,
  );
  // In the foreground, all in the scenario's folder, which nobody else may enter.
  const text = `daemon off;
user root;
pid ${folder}/nginx.pid;
error_log stderr;
events {}
http {
  access_log off;
${places.join('\n')}
${servers}
}
`;
  await writeFile(file, text);
  const started = operation.start('nginx', ['nginx', '-c', file, '-e', 'stderr']);
  await operation.until(
    'nginx',
    () => fetch(`http://127.0.0.1:${port}/`, { redirect: 'manual' }).then(({ status }) => status),
    (status) => status > 0,
  );
  return started;
}
