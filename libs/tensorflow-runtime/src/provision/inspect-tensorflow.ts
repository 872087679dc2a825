import { access } from 'node:fs/promises';
import { readManifest, verifyManifest } from '#provision';
import { bindingPackageDirectory, nativePaths } from './binding-layout.js';
import { linkedEntry } from './link-binding.js';
import { probeBinding, probeFault } from './probe-binding.js';

/** What the package in `node_modules` is linked to, verified byte for byte and loaded once in a process of its own. */
export type TensorflowInspection =
  | { readonly kind: 'missing'; readonly reason: string }
  | {
      readonly kind: 'found';
      readonly version: string;
      readonly description: string;
      readonly entry: string;
      readonly usesGpu: boolean;
      /** As `linkedLibraries` tells them. */
      readonly libraries: Readonly<Record<string, string>>;
      /** Empty: intact. */
      readonly faults: readonly string[];
    };

/** For `skiplane doctor`: changes nothing, takes some seconds (a SHA-256 over 0.9 GB). */
export async function inspectTensorflow(): Promise<TensorflowInspection> {
  const packageDirectory = bindingPackageDirectory();
  const { binding } = nativePaths(packageDirectory);
  const isThere = await access(binding).then(
    () => true,
    () => false,
  );
  if (!isThere) return { kind: 'missing', reason: 'no native binding is linked into node_modules' };
  const linked = await linkedEntry(packageDirectory);
  const manifest = linked === undefined ? undefined : await readManifest(linked);
  const entry = linked ?? packageDirectory;
  const description = manifest?.description ?? 'installed in node_modules';
  const libraries = manifest?.libraries ?? {};
  const faults = linked !== undefined && manifest ? await verifyManifest(linked, manifest, 'full') : [];
  try {
    const probe = await probeBinding(binding);
    const { version, usesGpu } = probe;
    return { kind: 'found', version, description, entry, usesGpu, libraries, faults };
  } catch (error) {
    const version = manifest?.version ?? 'unknown version';
    return {
      kind: 'found',
      version,
      description,
      entry,
      usesGpu: false,
      libraries,
      faults: [...faults, `it does not load: ${probeFault(error)}`],
    };
  }
}
