export { defaultCacheDirectory, unwritableCache, UnwritableCacheError } from './cache-directory.js';
export { downloadWheel, extractFromWheel, type PinnedWheel } from './wheel.js';
export { findPython, type Python } from './python.js';
export { isCode } from './is-code.js';
export { tryLock, withLock, type HeldLock, type LockOptions } from './process-lock.js';
export { createManifest, readManifest, verifyManifest, writeManifest, type Manifest } from './manifest.js';
export { publishFolder } from './publish-folder.js';
export { CommandError, commandOnPath, runCommand, type CommandOptions } from './run-command.js';
export { silentProgress, type ProvisionProgress } from './progress.js';
