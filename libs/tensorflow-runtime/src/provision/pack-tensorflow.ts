import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { createManifest, publishFolder, writeManifest, type ProvisionProgress } from '#provision';
import { bindingPackageDirectory, nativePaths } from './binding-layout.js';
import { probeBinding } from './probe-binding.js';
import { tensorflowWheel } from './tensorflow-wheels.js';
import { wheelSource } from './wheel-source.js';

export interface PackTensorflowOptions {
  /** The entry is made below it, or found there. */
  readonly folder: string;
  /** Where the wheel is kept; one that is there already is used. */
  readonly downloadDirectory: string;
  readonly progress: ProvisionProgress;
  readonly signal?: AbortSignal;
}

/**
 * Makes a cache entry of TensorFlow for GPUs without NVIDIA's libraries, for a machine that reaches no registry and has
 * them elsewhere. The binding is built and loaded here, by the Node that runs; it needs no GPU for that.
 * @returns the entry's name, which is the one that `provisionTensorflow` looks for there
 * @throws Error where there is no such library for this system
 */
export async function packTensorflow(options: PackTensorflowOptions): Promise<string> {
  const wheel = tensorflowWheel('gpu');
  if (!wheel) throw new Error(`there is no TensorFlow for GPUs on ${process.platform} and ${process.arch}`);
  const source = wheelSource(wheel, 'gpu', { nvidia: 'elsewhere' });
  const entry = join(options.folder, source.key);
  const isThere = await access(entry).then(
    () => true,
    () => false,
  );
  if (isThere) return source.key;
  await publishFolder(entry, async (folder) => {
    await source.fill(folder, { ...options, packageDirectory: bindingPackageDirectory() });
    const { version } = await probeBinding(nativePaths(folder).binding);
    await writeManifest(folder, await createManifest(folder, { description: source.description, version }));
  });
  return source.key;
}
