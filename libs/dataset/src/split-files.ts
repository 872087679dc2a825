import type { DatasetKind } from '#contracts';
import { openLocalFiles, type CacheCounts, type FileSource, type IndexedFile, type LocalFiles } from '#stores';
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
export function fetchedFilesOf({ train, validation }: Splits): Iterable<IndexedFile> {
  const ofValidation = new Map(Array.from(filesOf(validation.index), (file) => [keyOf(file), file]));
  return {
    *[Symbol.iterator]() {
      const left = new Set(ofValidation.keys());
      for (const file of filesOf(train.index)) {
        left.delete(keyOf(file));
        yield file;
      }
      for (const [key, file] of ofValidation) if (left.has(key)) yield file;
    },
  };
}

const keyOf = ({ path, part }: IndexedFile): string => `${part ?? ''} ${path}`;

function* filesOf(index: SampleIndex): Generator<IndexedFile> {
  for (let number = 0; number < index.paths.ends.length; number += 1) yield indexedFile(index, number);
}
