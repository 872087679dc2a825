export { AddressedFiles } from './addressed-files.js';
export { CacheCounts } from './cache/cache-counts.js';
export { cacheProgress, type CacheProgress } from './cache/cache-progress.js';
export { cachedBytes, type IndexedFile, type Unpack } from './indexed-file.js';
export { openLocalFiles, type LocalFiles, type PathOptions } from './local-files.js';
export { openStore, openWaitingDisk, openWritableStore, type FileSource } from './open-store.js';
export { probeWriting } from './probe-writing.js';
export type { Limits } from './remote/patience.js';
export type {
  ListOptions,
  OpenObject,
  ReadOptions,
  Store,
  StoredFolder,
  StoredObject,
  StoredOddity,
  StoreEntry,
  WaitOptions,
  WritableStore,
  WrittenBytes,
} from './store.js';
export { versionOf } from './disk/look-at.js';
export { StoreAccessError, StoredObjectChangedError } from './store-errors.js';
export {
  readStoreSettings,
  storeSettings,
  storeVariables,
  type CacheSettings,
  type StoreSettings,
} from './store-settings.js';
export { endingAfter, withTimeLimit } from './time-limit.js';
