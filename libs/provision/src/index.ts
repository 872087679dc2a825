export { defaultCacheDirectory, unwritableCache, UnwritableCacheError } from './cache-directory.js';
export { downloadWheel, extractFromWheel, type PinnedWheel } from './wheel.js';
export { findPython, type Python } from './python.js';
export { createManifest, readManifest, verifyManifest, writeManifest, type Manifest } from './manifest.js';
export { publishFolder } from './publish-folder.js';
export { CommandError, commandOnPath, runCommand, type CommandOptions } from './run-command.js';
export { silentProgress, type ProvisionProgress } from './progress.js';
