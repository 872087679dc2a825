import type { Store, StoredObject } from '#stores';
import { readAhead } from '../byte-source.js';
import type { Fault } from '../dataset.js';
import { byCodeUnit } from '../labels/by-code-unit.js';
import type { Unit } from '../scan/scan-units.js';
import { withStoredBytes } from '../scan/stored-bytes.js';
import { tarEntries, TarFault } from '../tar/tar-entries.js';
import { scanImageTar } from './scan-image-tar.js';

export interface TarUnits {
  readonly units: readonly Unit[];
  readonly faults: readonly Fault[];
}

/** A tar of each synset's images. */
const SYNSET_TAR = /^(n\d{8})\.tar$/;

/** The tars of the synsets within the tar of the training images, in the order of their names. */
export async function trainUnits(store: Store, tar: StoredObject, signal: AbortSignal | undefined): Promise<TarUnits> {
  const inner: { readonly synset: string; readonly offset: number; readonly sizeBytes: number }[] = [];
  const { path, version } = tar;
  try {
    await withStoredBytes({ store, path, expectedVersion: version, signal }, async (source) => {
      for await (const entry of tarEntries(readAhead(source))) {
        const [, synset] = SYNSET_TAR.exec(entry.path.slice(entry.path.lastIndexOf('/') + 1)) ?? [];
        if (synset !== undefined && entry.kind === 'file') inner.push({ ...entry, synset });
      }
    });
  } catch (error) {
    if (!(error instanceof TarFault)) throw error;
    return { units: [], faults: [{ path, message: error.message }] };
  }
  inner.sort((a, b) => byCodeUnit(a.synset, b.synset));
  const units = inner.map(({ synset, offset, sizeBytes }): Unit => {
    const name = `${path}: ${synset}.tar`;
    const place = { store, tar, offset, sizeBytes, name, labelOf: () => synset, signal };
    return {
      name,
      split: 'train',
      stamp: JSON.stringify([tar.sizeBytes, version]),
      scan: (recorder, onSample) => scanImageTar({ ...place, recorder, onSample }),
    };
  });
  const message = 'holds no tar of a synset, such as n01440764.tar: it is not the tar of the training images';
  return { units, faults: units.length === 0 ? [{ path, message }] : [] };
}
