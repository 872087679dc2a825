import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Ways a driver's tool can be, each a script in `nvidia-smi/`. `slow` takes FAKE_SMI_SECONDS; on `busy` others compute. */
export type FakeDriverKind = 'four' | 'mig' | 'sick' | 'err' | 'hang' | 'slow' | 'stubborn' | 'busy';

/** A PATH on which `nvidia-smi` is one of ours; the folder is removed when disposed of. */
export interface FakeDriver extends AsyncDisposable {
  readonly path: string;
}

/** NODE_OPTIONS of a process whose TensorFlow says that it computes on a GPU. */
export const PRETEND_GPU = `--import=${pathToFileURL(join(import.meta.dirname, 'pretend-gpu.mjs')).href}`;

/**
 * Four digits that stand in the UUIDs of all devices seen by this process: locks are of the host, where other tests claim
 * devices of the same scripts.
 */
export const HOST_DIGITS = randomBytes(2).toString('hex');

const SCRIPTS = join(import.meta.dirname, 'nvidia-smi');

/** Puts a driver's tool of that kind on a PATH. */
export async function fakeDriver(kind: FakeDriverKind): Promise<FakeDriver> {
  const folder = await mkdtemp(join(tmpdir(), 'skiplane-driver-'));
  // Others build on it.
  for (const script of new Set([kind, 'four'])) await symlink(join(SCRIPTS, script), join(folder, script));
  const edit = `s/-(aaaa|d268|a75d)-/-${HOST_DIGITS}-/`;
  const text = `#!/bin/bash\nset -o pipefail\n"${join(folder, kind)}" "$@" | sed -uE '${edit}'\n`;
  await writeFile(join(folder, 'nvidia-smi'), text, { mode: 0o755 });
  return {
    path: [folder, process.env['PATH']].join(delimiter),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}
