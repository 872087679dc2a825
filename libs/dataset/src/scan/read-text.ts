import { RefusedInputError } from '#contracts';
import { StoredObjectChangedError, type Store } from '#stores';

/** Lists of names and labels have some megabytes at most. */
const MAX_TEXT_BYTES = 64 * 2 ** 20;

/** A small file of a store as text; null where there is none. */
export async function readText(store: Store, path: string, signal?: AbortSignal): Promise<string | null> {
  const bytes = await readSmall(store, path, signal);
  return bytes === null ? null : new TextDecoder().decode(bytes);
}

/** A file of a store of so many bytes at most; null where there is none, or something that is no file. */
export async function readSmall(
  store: Store,
  path: string,
  signal?: AbortSignal,
  maxBytes = MAX_TEXT_BYTES,
): Promise<Uint8Array | null> {
  const options = { ...(signal && { signal }) };
  try {
    const object = await store.stat(path, options);
    if (object === null) return null;
    if (object.sizeBytes > maxBytes) throw new RefusedInputError(`${path}: ${object.sizeBytes} bytes are no list`);
    return await store.read(path, { ...options, length: object.sizeBytes, expectedVersion: object.version });
  } catch (error) {
    if (error instanceof StoredObjectChangedError) return null;
    throw error;
  }
}
