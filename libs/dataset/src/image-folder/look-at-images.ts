import { z } from 'zod';
import { isRemote } from '#contracts';
import type { StoredObject } from '#stores';
import type { ScanContext, SurveyNotes } from '../dataset.js';
import type { ImageFault } from '../image-format/header-parse.js';
import { formatName } from '../image-format/format-name.js';
import { inspectSource, type FileInspection } from '../image-format/inspect-file.js';
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
  { notes, onFile, ...context }: LookContext & { readonly notes: SurveyNotes; readonly onFile: () => void },
): Promise<readonly LookedImage[]> {
  // Class folders with files of other kinds are few.
  if (files.length === 0) return [];
  const noted = await readNotes(notes, folder);
  const looked: LookedImage[] = [];
  const onLooked = (numFiles: number): void => {
    for (let file = 0; file < numFiles; file += 1) onFile();
  };
  for (let from = 0; from < files.length; from += NOTE_FILES) {
    const some = files.slice(from, from + NOTE_FILES);
    const isKnown = ({ path, sizeBytes, version }: StoredObject): boolean => {
      const known = noted.get(path);
      return known?.[1] === sizeBytes && known[2] === version;
    };
    const unknown = some.filter((file) => !isKnown(file));
    onLooked(some.length - unknown.length);
    const opened = (await openAll(unknown, { ...context, onLooked })).values();
    const found = some.map((file): LookedImage => {
      const known = noted.get(file.path);
      if (known !== undefined && isKnown(file)) return imageOf(known);
      return opened.next().value ?? { kind: 'fault', reason: 'was not looked at' };
    });
    for (const image of found) looked.push(image);
    if (unknown.length > 0)
      await notes.write(unitOf(folder, from / NOTE_FILES), noteOf(some, found, notes.settledBefore));
  }
  return looked;
}

type LookContext = Pick<ScanContext, 'store' | 'disk' | 'concurrency' | 'signal'>;

/** Looks at files of the store, whatever was noted. */
async function openAll(
  files: readonly StoredObject[],
  { store, disk, concurrency = 16, signal, onLooked }: LookContext & { onLooked: (numFiles: number) => void },
): Promise<readonly LookedImage[]> {
  if (!isRemote(store.location)) {
    const paths = files.map(({ path }) => path);
    const looks = await disk.inspect(store.location, paths, { signal, onLooked });
    return looks.map((look, at) => lookedImage(look, files[at]?.sizeBytes ?? 0));
  }
  return await mapBounded(files, concurrency, async ({ path, sizeBytes, version }) => {
    signal?.throwIfAborted();
    const inspection = await inspectSource({
      sizeBytes,
      slice: (offset, length) =>
        store.read(path, { expectedVersion: version, ...(signal && { signal }), offset, length }),
    });
    onLooked(1);
    return lookedImage(inspection, sizeBytes);
  });
}

function lookedImage(inspection: FileInspection, listedBytes: number): LookedImage {
  if (inspection.kind === 'fault') return inspection;
  if (inspection.sizeBytes !== listedBytes) return { kind: 'fault', reason: 'it changed while it was looked at' };
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
