import type { Store, StoredObject } from '#stores';
import type { ByteSource } from '../byte-source.js';
import { inspectSource, type FileInspection } from '../image-format/inspect-file.js';

/** A file of a store, as it was when it was listed. */
export function storedBytes(
  store: Store,
  { path, sizeBytes, version }: StoredObject,
  signal?: AbortSignal,
): ByteSource {
  const options = { expectedVersion: version, ...(signal && { signal }) };
  return { sizeBytes, read: (offset, length) => store.read(path, { ...options, offset, length }) };
}

/** Checks an image that lies in a source. Rejects where the source does. */
export function inspectPart({ sizeBytes, read }: ByteSource): Promise<FileInspection> {
  return inspectSource({
    sizeBytes,
    slice: (from, length) => read(from, Math.max(0, Math.min(length, sizeBytes - from))),
  });
}
