import type { Store, StoredObject } from '#stores';
import { partOf, readAhead } from '../byte-source.js';
import { inspectPart, withStoredBytes } from '../scan/stored-bytes.js';
import type { UnitRecorder } from '../scan/unit-scan.js';
import { kindOfMember } from '../tar/kind-of-member.js';
import { tarEntries, TarFault } from '../tar/tar-entries.js';

/** A tar of images, or one that lies in another tar. */
export interface ImageTar {
  readonly store: Store;
  readonly tar: StoredObject;
  /** Where it lies in the file. */
  readonly offset: number;
  readonly sizeBytes: number;
  /** For messages. */
  readonly name: string;
  /** The label of an image by its name in the tar; undefined: it has none. */
  readonly labelOf: (name: string) => string | undefined;
  readonly recorder: UnitRecorder;
  readonly onSample: () => void;
  readonly signal: AbortSignal | undefined;
}

/** Looks at the images of a tar, at both ends of each, and at nothing between. */
export async function scanImageTar(options: ImageTar): Promise<void> {
  const { store, tar, offset, sizeBytes, name, labelOf, recorder, onSample, signal } = options;
  const { path, version } = tar;
  const file = recorder.addFile(path, { sizeBytes: tar.sizeBytes, version });
  let numImages = 0;
  try {
    await withStoredBytes({ store, path, expectedVersion: version, signal }, async (whole) => {
      const source = readAhead(partOf(whole, offset, sizeBytes));
      for await (const entry of tarEntries(source)) {
        const image = entry.path.slice(entry.path.lastIndexOf('/') + 1);
        if (entry.kind === 'other') continue;
        if (entry.kind !== 'file' || !/^[^.].*\.(jpe?g|png)$/i.test(image)) {
          recorder.leaveOut(image, await kindOfMember(source, entry));
          continue;
        }
        onSample();
        numImages += 1;
        const label = labelOf(image);
        const inspection = await inspectPart(partOf(source, entry.offset, entry.sizeBytes));
        const refuse = (message: string): unknown => recorder.broken.push({ path: `${name}: ${image}`, message });
        if (label === undefined) refuse('has no label');
        else if (inspection.kind === 'fault') refuse(inspection.reason);
        else {
          const place = { offset: offset + entry.offset, length: entry.sizeBytes };
          recorder.add({ file, ...place, label, header: inspection.header });
        }
      }
    });
  } catch (error) {
    if (!(error instanceof TarFault)) throw error;
    recorder.faults.push({ path: name, message: error.message });
    return;
  }
  if (numImages === 0) recorder.faults.push({ path: name, message: 'holds no image' });
}
