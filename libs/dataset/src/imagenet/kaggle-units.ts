import type { Store } from '#stores';
import type { Split } from '../dataset.js';
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
  store: Store,
  folder: string,
  {
    split,
    labels,
    signal,
  }: { readonly split: Split; readonly labels: ValidationLabels | null; readonly signal: AbortSignal | undefined },
): Promise<FolderUnits> {
  const { images, folders } = await listingOf(store, folder, signal);
  const options = { store, split, signal };
  const units: Unit[] = [];
  for (const synset of folders) {
    const label = synset.slice(synset.lastIndexOf('/') + 1);
    const listing = await listingOf(store, synset, signal);
    units.push(
      ...fileUnits(
        listing.images.map((path) => ({ path, label })),
        options,
      ),
    );
  }
  const labelled = images.flatMap((path) => {
    const label = labels?.labelOf(path.slice(path.lastIndexOf('/') + 1));
    return label === undefined ? [] : [{ path, label }];
  });
  units.push(...fileUnits(labelled, options));
  return { units, dependsOn: [folder, ...folders].map((name) => `${name}/`) };
}

async function listingOf(store: Store, folder: string, signal: AbortSignal | undefined): Promise<Listing> {
  const images: string[] = [];
  const folders: string[] = [];
  for await (const { kind, path } of store.list(folder, { ...(signal && { signal }) })) {
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (name.startsWith('.')) continue;
    if (kind === 'folder') folders.push(path);
    else if (kind === 'object' && /\.(jpe?g|png)$/i.test(name)) images.push(path);
  }
  return { images: images.sort(byCodeUnit), folders: folders.sort(byCodeUnit) };
}
