import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '#provision';
import type { Operation } from '../../operations/operation.js';
import type { Part } from '../../operations/scenario.js';
import { findGoProgram } from '../../support/go-program.js';
import { BucketServer, type Keys } from './bucket-server.js';

const PROGRAM = {
  name: 'versitygw',
  module: 'github.com/versity/versitygw/cmd/versitygw@v1.8.0',
  built: 'versitygw',
};
const ADMIN_TIMEOUT_MS = 10_000;

/** Builds versitygw where it is not installed. */
export const versitygw: Part = async () =>
  (await findGoProgram(PROGRAM)) === null ? 'there is neither versitygw nor Go to build it' : undefined;

/** S3 in front of a folder of this disk (https://github.com/versity/versitygw). */
export interface Versitygw {
  readonly server: BucketServer;
  /** Makes keys that may read and write buckets of their own and what others grant. */
  addUser(keys: Keys): Promise<void>;
  removeUser(keys: Keys): Promise<void>;
}

/** @param args more of its command line, such as `--virtual-domain` */
export async function startVersitygw(operation: Operation, args: readonly string[] = []): Promise<Versitygw> {
  const program = await findGoProgram(PROGRAM);
  if (program === null) throw new Error('versitygw is gone');
  const [objects, users] = [join(operation.folder, 'objects'), join(operation.folder, 'users')];
  for (const folder of [objects, users]) await mkdir(folder, { recursive: true });
  const port = await operation.freePort();
  const root = { accessKeyId: 'root', secretAccessKey: operation.secret() };
  const server = new BucketServer(`http://127.0.0.1:${port}`, root);
  const own = ['--access', root.accessKeyId, '--secret', root.secretAccessKey, '--port', `127.0.0.1:${port}`];
  operation.start('versitygw', [program, ...own, '--iam-dir', users, ...args, 'posix', objects]);
  await server.untilUp(operation);
  const admin = async (...words: readonly string[]): Promise<void> => {
    const as = ['--access', root.accessKeyId, '--secret', root.secretAccessKey, '--endpoint-url', server.url];
    await runCommand(program, ['admin', ...as, ...words], { timeoutMs: ADMIN_TIMEOUT_MS });
  };
  return {
    server,
    addUser: ({ accessKeyId, secretAccessKey }) =>
      admin('create-user', '--access', accessKeyId, '--secret', secretAccessKey, '--role', 'user'),
    removeUser: ({ accessKeyId }) => admin('delete-user', '--access', accessKeyId),
  };
}
