import type { DatasetKind } from '#contracts';
import { openLocalFiles, type CacheCounts, type FetchedFile, type FileSource, type LocalFiles } from '#stores';
import { indexedFile, type SampleIndex } from './sample-index.js';
import { UNPACKERS } from './unpackers.js';

/** Opens the files of a data set, for the readers of all its splits. `counts`: of what is asked of the cache. */
export function openFilesOf(
  { source, kind }: { readonly source: FileSource; readonly kind: DatasetKind },
  counts?: CacheCounts,
): LocalFiles {
  return openLocalFiles(source, { unpack: UNPACKERS[kind], counts });
}

export interface Splits {
  readonly train: { readonly index: SampleIndex };
  readonly validation: { readonly index: SampleIndex };
}

/** All files of a data set, each once: both splits may have samples in one. Held are those of the validation set alone. */
export function fetchedFilesOf({ train, validation }: Splits): Iterable<FetchedFile> {
  const ofValidation = new Map<string, FetchedFile>();
  for (const found of filesOf(validation.index)) ofValidation.set(keyOf(found), found);
  return {
    *[Symbol.iterator]() {
      const left = new Set(ofValidation.keys());
      for (const found of filesOf(train.index)) {
        const key = keyOf(found);
        const isShared = left.delete(key);
        const more = isShared && found.file.part !== undefined ? (ofValidation.get(key)?.cachedBytes ?? 0) : 0;
        yield { file: found.file, cachedBytes: found.cachedBytes + more };
      }
      for (const [key, found] of ofValidation) if (left.has(key)) yield found;
    },
  };
}

const keyOf = ({ file: { path, part } }: FetchedFile): string => `${part ?? ''} ${path}`;

function* filesOf(index: SampleIndex): Generator<FetchedFile> {
  const partBytes = bytesOfParts(index);
  for (let number = 0; number < index.paths.ends.length; number += 1) {
    const file = indexedFile(index, number);
    yield { file, cachedBytes: file.part === undefined ? file.sizeBytes : (partBytes[number] ?? 0) };
  }
}

/** A part is unpacked to its samples, end to end. */
function bytesOfParts({ parts, files, lengths }: SampleIndex): Float64Array {
  const bytes = new Float64Array(parts?.length ?? 0);
  if (parts === null || files === null) return bytes;
  for (const [sample, file] of files.entries()) bytes[file] = (bytes[file] ?? 0) + (lengths[sample] ?? 0);
  return bytes;
}
