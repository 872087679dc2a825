export { openLocalFiles, type IndexedFile, type LocalFiles, type Unpack } from './local-files.js';
export { openStore, type FileSource } from './open-store.js';
export type {
  ListOptions,
  ReadOptions,
  Store,
  StoredFolder,
  StoredObject,
  StoredOddity,
  StoreEntry,
  WaitOptions,
} from './store.js';
export { StoreAccessError, StoredObjectChangedError } from './store-errors.js';
export type { CacheSettings, StoreSettings } from './store-settings.js';
