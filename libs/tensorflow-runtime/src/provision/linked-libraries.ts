import { readManifest } from '#provision';
import { bindingPackageDirectory } from './binding-layout.js';
import { linkedEntry } from './link-binding.js';

/**
 * Versions of the libraries that came with the linked TensorFlow, by the names of their wheels, sorted:
 * `{ 'nvidia-cudnn-cu12': '9.28.0.42', … }`. What a GPU computes depends on them besides TensorFlow. Empty of a
 * TensorFlow for CPUs, and of one that was put into `node_modules` by hand.
 */
export async function linkedLibraries(
  packageDirectory: string = bindingPackageDirectory(),
): Promise<Readonly<Record<string, string>>> {
  const entry = await linkedEntry(packageDirectory);
  const manifest = entry === undefined ? undefined : await readManifest(entry);
  const libraries = Object.entries(manifest?.libraries ?? {});
  return Object.fromEntries(libraries.sort(([left], [right]) => (left < right ? -1 : 1)));
}
