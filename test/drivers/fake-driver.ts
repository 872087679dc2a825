import { mkdtemp, rm, symlink } from 'node:fs/promises';
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

const SCRIPTS = join(import.meta.dirname, 'nvidia-smi');

/** Puts a driver's tool of that kind on a PATH. */
export async function fakeDriver(kind: FakeDriverKind): Promise<FakeDriver> {
  const folder = await mkdtemp(join(tmpdir(), 'skiplane-driver-'));
  await symlink(join(SCRIPTS, kind), join(folder, 'nvidia-smi'));
  // Others build on it.
  await symlink(join(SCRIPTS, 'four'), join(folder, 'four'));
  return {
    path: [folder, process.env['PATH']].join(delimiter),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}
