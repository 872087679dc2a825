import type { Store } from '#stores';
import type { ScanContext, Split } from '../dataset.js';
import { byCodeUnit } from '../labels/by-code-unit.js';
import { fileUnits } from '../scan/scan-files.js';
import type { Unit } from '../scan/scan-units.js';
import type { ValidationLabels } from './validation-labels.js';

export interface FolderUnits {
  readonly units: readonly Unit[];
  readonly dependsOn: readonly string[];
}

interface Listing {
  readonly images: readonly string[];
  readonly folders: readonly string[];
}

/** Kaggle's images, unpacked: a folder a synset. Validation images lie in one folder, where nobody sorted them. */
export async function kaggleUnits(
  { store, disk, signal }: ScanContext,
  folder: string,
  { split, labels }: { readonly split: Split; readonly labels: ValidationLabels | null },
): Promise<FolderUnits> {
  const { images, folders } = await listingOf(store, folder, signal);
  const options = { store, disk, split, signal };
  const units: Unit[] = [];
  for (const synset of folders) {
    const label = nameOf(synset);
    const listing = await listingOf(store, synset, signal);
    units.push(
      ...fileUnits(
        listing.images.map((path) => ({ path, label })),
        options,
      ),
    );
  }
  // Without any labels that fault says it all.
  const labelOf = (path: string): string | null => labels?.labelOf(nameOf(path)) ?? null;
  const unsorted = images.map((path) => ({ path, label: labelOf(path) }));
  units.push(...fileUnits(labels === null ? [] : unsorted, options));
  return { units, dependsOn: [folder, ...folders].map((name) => `${name}/`) };
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

async function listingOf(store: Store, folder: string, signal: AbortSignal | undefined): Promise<Listing> {
  const images: string[] = [];
  const folders: string[] = [];
  for await (const { kind, path } of store.list(folder, { ...(signal && { signal }) })) {
    const name = nameOf(path);
    if (name.startsWith('.')) continue;
    if (kind === 'folder') folders.push(path);
    else if (kind === 'object' && /\.(jpe?g|png)$/i.test(name)) images.push(path);
  }
  return { images: images.sort(byCodeUnit), folders: folders.sort(byCodeUnit) };
}
