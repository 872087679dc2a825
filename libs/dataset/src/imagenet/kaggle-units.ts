import type { Store } from '#stores';
import { HIDDEN_FILES, type ScanContext, type Split } from '../dataset.js';
import { byCodeUnit } from '../labels/by-code-unit.js';
import { fileUnits, otherFileUnits } from '../scan/scan-files.js';
import type { Unit } from '../scan/scan-units.js';
import type { ValidationLabels } from './validation-labels.js';

export interface FolderUnits {
  readonly units: readonly Unit[];
  readonly dependsOn: readonly string[];
}

interface Listing {
  readonly images: readonly string[];
  /** Files that are no images by their names, or what is no file. */
  readonly others: readonly string[];
  readonly folders: readonly string[];
  readonly numHidden: number;
}

/** Kaggle's images, unpacked: a folder a synset. Validation images lie in one folder, where nobody sorted them. */
export async function kaggleUnits(
  { store, disk, signal, onOther }: ScanContext,
  folder: string,
  { split, labels }: { readonly split: Split; readonly labels: ValidationLabels | null },
): Promise<FolderUnits> {
  const top = await listingOf(store, folder, signal);
  const { images, folders } = top;
  const options = { store, disk, split, signal };
  const units: Unit[] = [];
  const others = [...top.others];
  let { numHidden } = top;
  for (const synset of folders) {
    const label = nameOf(synset);
    const listing = await listingOf(store, synset, signal);
    others.push(...listing.others);
    numHidden += listing.numHidden;
    if (listing.folders.length > 0)
      onOther?.({ extension: '', kind: 'folder in that of a synset', count: listing.folders.length });
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
  units.push(...fileUnits(labels === null ? [] : unsorted, options), ...otherFileUnits(others, options));
  if (numHidden > 0) onOther?.({ ...HIDDEN_FILES, count: numHidden });
  return { units, dependsOn: [folder, ...folders].map((name) => `${name}/`) };
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

async function listingOf(store: Store, folder: string, signal: AbortSignal | undefined): Promise<Listing> {
  const images: string[] = [];
  const others: string[] = [];
  const folders: string[] = [];
  let numHidden = 0;
  for await (const { kind, path } of store.list(folder, { ...(signal && { signal }) })) {
    const name = nameOf(path);
    if (name.startsWith('.')) numHidden += 1;
    else if (kind === 'folder') folders.push(path);
    else if (kind === 'object' && /\.(jpe?g|png)$/i.test(name)) images.push(path);
    else others.push(path);
  }
  return {
    images: images.sort(byCodeUnit),
    others: others.sort(byCodeUnit),
    folders: folders.sort(byCodeUnit),
    numHidden,
  };
}
