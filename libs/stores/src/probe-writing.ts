import { randomUUID } from 'node:crypto';
import { RecoverableError, RefusedInputError } from '#contracts';
import { openWritableStore, type FileSource } from './open-store.js';
import { StoreAccessError } from './store-errors.js';
import { withTimeLimit } from './time-limit.js';

/**
 * Writes a small object to a location, lists it, reads it back and removes it. Resolves with what is in the way, in words, or
 * undefined. Takes no longer than `limitMs`.
 */
export async function probeWriting(source: FileSource, limitMs: number): Promise<string | undefined> {
  const store = openWritableStore(source);
  const path = `.skiplane-probe/${randomUUID()}`;
  const signal = AbortSignal.timeout(limitMs);
  const probe = async (): Promise<string | undefined> => {
    const bytes = Buffer.from(path);
    await store.write(path, bytes, { signal });
    try {
      const listed: string[] = [];
      for await (const entry of store.list('.skiplane-probe', { isRecursive: true, signal })) listed.push(entry.path);
      if (!listed.includes(path)) return `${store.location}: what was written there is not listed`;
      const read = await store.read(path, { length: bytes.length, signal });
      if (!bytes.equals(read)) return `${store.location}: what was written there is read back as something else`;
    } finally {
      await store.remove(path, { signal });
    }
    return undefined;
  };
  try {
    return await withTimeLimit(`${store.location}: no answer`, { limitMs }, probe);
  } catch (error) {
    if (signal.aborted) return `${store.location} did not answer within ${limitMs / 1000} s`;
    const isTold = [StoreAccessError, RecoverableError, RefusedInputError].some((kind) => error instanceof kind);
    return isTold ? (error as Error).message : `${store.location}: ${String(error)}`;
  } finally {
    store.close();
  }
}
