import { join } from 'node:path';
import { z } from 'zod';
import { isRemote } from '#contracts';
import type { Store, StoredObject } from '#stores';
import type { ScanContext, SurveyNotes } from '../dataset.js';
import type { ImageFault } from '../image-format/header-parse.js';
import { formatName } from '../image-format/format-name.js';
import { inspectFile, inspectSource } from '../image-format/inspect-file.js';
import { mapBounded } from '../map-bounded.js';

/** What an index and a survey keep of an image, or why it is none. */
export type LookedImage =
  | {
      readonly kind: 'image';
      readonly format: string;
      readonly width: number;
      readonly height: number;
      readonly orientation: number;
      readonly hasProfile: boolean;
    }
  | ImageFault;

/** Files of a note: a survey that is ended goes on with the next so many. */
const NOTE_FILES = 10_000;

/** Path, size and version of a file, then why it is no image and what else it is, or format, width, height, orientation, profile. */
const noteSchema = z.array(
  z.union([
    z.tuple([z.string(), z.number(), z.string(), z.string()]),
    z.tuple([z.string(), z.number(), z.string(), z.string(), z.string()]),
    z.tuple([z.string(), z.number(), z.string(), z.string(), z.number(), z.number(), z.number(), z.boolean()]),
  ]),
);
type NotedFile = z.infer<typeof noteSchema>[number];

/**
 * Looks at the images of a class folder, many at once, and notes what it found. A file that has the size and the version of
 * its note is not opened. `onFile` is called for each.
 */
export async function lookAtImages(
  files: readonly StoredObject[],
  folder: string,
  {
    store,
    notes,
    concurrency = 16,
    signal,
    onFile,
  }: Pick<ScanContext, 'store' | 'notes' | 'concurrency' | 'signal'> & {
    readonly onFile: () => void;
  },
): Promise<readonly LookedImage[]> {
  const noted = await readNotes(notes, folder);
  const looked: LookedImage[] = [];
  for (let from = 0; from < files.length; from += NOTE_FILES) {
    const some = files.slice(from, from + NOTE_FILES);
    let numOpened = 0;
    const found = await mapBounded(some, concurrency, async (file) => {
      signal?.throwIfAborted();
      const known = noted.get(file.path);
      onFile();
      if (known?.[1] === file.sizeBytes && known[2] === file.version) return imageOf(known);
      numOpened += 1;
      return lookAt(store, file, signal);
    });
    for (const image of found) looked.push(image);
    if (numOpened > 0) await notes.write(unitOf(folder, from / NOTE_FILES), noteOf(some, found, notes.settledBefore));
  }
  return looked;
}

async function lookAt(
  store: Store,
  { path, sizeBytes, version }: StoredObject,
  signal?: AbortSignal,
): Promise<LookedImage> {
  const inspection = isRemote(store.location)
    ? await inspectSource({
        sizeBytes,
        slice: (offset, length) =>
          store.read(path, { expectedVersion: version, ...(signal && { signal }), offset, length }),
      })
    : await inspectFile(join(store.location, path));
  if (inspection.kind === 'fault') return inspection;
  if (inspection.sizeBytes !== sizeBytes) return { kind: 'fault', reason: 'it changed while it was looked at' };
  const { width, height, orientation, hasProfile } = inspection.header;
  return { kind: 'image', format: formatName(inspection.header), width, height, orientation, hasProfile };
}

/** All that is noted of a folder. */
async function readNotes(notes: SurveyNotes, folder: string): Promise<ReadonlyMap<string, NotedFile>> {
  const noted = new Map<string, NotedFile>();
  for (let number = 0; ; number += 1) {
    const note = noteSchema.safeParse(await notes.read(unitOf(folder, number)));
    if (!note.success) return noted;
    for (const file of note.data) noted.set(file[0], file);
  }
}

function noteOf(
  files: readonly StoredObject[],
  found: readonly LookedImage[],
  settledBefore: number,
): readonly NotedFile[] {
  return files.flatMap(({ path, sizeBytes, version, changedAtMs = Number.NEGATIVE_INFINITY }, at): NotedFile[] => {
    const image = found[at];
    if (image === undefined || changedAtMs >= settledBefore) return [];
    if (image.kind === 'fault') {
      const { reason, otherKind } = image;
      return [
        otherKind === undefined ? [path, sizeBytes, version, reason] : [path, sizeBytes, version, reason, otherKind],
      ];
    }
    const { format, width, height, orientation, hasProfile } = image;
    return [[path, sizeBytes, version, format, width, height, orientation, hasProfile]];
  });
}

function imageOf(noted: NotedFile): LookedImage {
  if (noted.length === 4) return { kind: 'fault', reason: noted[3] };
  if (noted.length === 5) return { kind: 'fault', reason: noted[3], otherKind: noted[4] };
  const [, , , format, width, height, orientation, hasProfile] = noted;
  return { kind: 'image', format, width, height, orientation, hasProfile };
}

function unitOf(folder: string, number: number): string {
  return `${folder}#${number}`;
}
