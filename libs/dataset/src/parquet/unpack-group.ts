import type { IndexedFile, Store, WaitOptions } from '#stores';
import { withStoredBytes } from '../scan/stored-bytes.js';
import { ParquetFile } from './parquet-file.js';

/** What a row group is read as: its images end to end, in the order of the rows. The index speaks of these bytes. */
export async function* unpackGroup(
  store: Store,
  { path, version, part = 0 }: IndexedFile,
  { signal }: WaitOptions,
): AsyncGenerator<Uint8Array> {
  const rows = await withStoredBytes({ store, path, expectedVersion: version, signal }, async (source) =>
    (await ParquetFile.open(source)).read(part),
  );
  for (const { bytes } of rows) if (bytes !== null) yield bytes;
}
