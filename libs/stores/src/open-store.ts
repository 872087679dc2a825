import { parseLocation, RefusedInputError } from '#contracts';
import { DiskStore } from './disk/disk-store.js';
import type { Store } from './store.js';
import type { StoreSettings } from './store-settings.js';

/** Where files lie and how they are reached: plain data, by which any thread opens the same files. */
export interface FileSource {
  /** An absolute path, or an address. */
  readonly location: string;
  readonly settings: StoreSettings;
}

/** Opens a location; nothing is asked of it yet. Throws RefusedInputError for an address that is not known. */
export function openStore({ location }: FileSource): Store {
  const parsed = parseLocation(location);
  switch (parsed.kind) {
    case 'disk':
      return new DiskStore(parsed.folder);
    case 'http':
    case 's3':
      throw new RefusedInputError(`${location}: only folders of the disk are read`);
  }
}
