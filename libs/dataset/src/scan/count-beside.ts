import { extname } from 'node:path';
import { RefusedInputError } from '#contracts';
import { HIDDEN_FILES, type ScanContext } from '../dataset.js';

/**
 * Tells of the files of a location's top that are no part of the data set by their names. Resolves with all names there; without
 * any where a store cannot list: it says of each file whether it is there.
 */
export async function countBeside(
  { store, signal, onOther }: ScanContext,
  isKnown: (name: string) => boolean,
): Promise<readonly string[]> {
  const names: string[] = [];
  try {
    for await (const { kind, path } of store.list('', { ...(signal && { signal }) })) {
      names.push(path);
      if (kind === 'folder' || isKnown(path)) continue;
      const other = { extension: extname(path).toLowerCase(), kind: 'beside the data' };
      onOther?.({ ...(path.startsWith('.') ? HIDDEN_FILES : other), count: 1 });
    }
  } catch (error) {
    if (!(error instanceof RefusedInputError)) throw error;
    return [];
  }
  return names;
}
