import type { Store } from '#stores';
import type { ByteSource } from '../byte-source.js';
import { inspectSource, type FileInspection } from '../image-format/inspect-file.js';

export interface StoredFile {
  readonly store: Store;
  readonly path: string;
  /** The version that the file must have. Default: whatever it has now. */
  readonly expectedVersion?: string;
  readonly signal: AbortSignal | undefined;
}

/** Works with a file of a store that stays open meanwhile. */
export async function withStoredBytes<Result>(
  { store, path, expectedVersion, signal }: StoredFile,
  work: (source: ByteSource, version: string) => Promise<Result>,
): Promise<Result> {
  const wait = { ...(signal && { signal }) };
  const file = await store.open(path, { ...wait, ...(expectedVersion !== undefined && { expectedVersion }) });
  try {
    const source: ByteSource = {
      sizeBytes: file.sizeBytes,
      read: (offset, length) => file.read(offset, length, wait),
    };
    return await work(source, file.version);
  } finally {
    await file.close();
  }
}

/** Checks an image that lies in a source. Rejects where the source does. */
export function inspectPart({ sizeBytes, read }: ByteSource): Promise<FileInspection> {
  return inspectSource({
    sizeBytes,
    slice: (from, length) => read(from, Math.max(0, Math.min(length, sizeBytes - from))),
  });
}
