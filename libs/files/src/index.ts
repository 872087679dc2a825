export { errorCode, isCode, isMissing } from './error-code.js';
export { diskTrouble } from './disk-trouble.js';
export { makeFolder, syncFolder, writeDurably, writeFileAtomically } from './durable-write.js';
export { makeFolderSync, syncFolderSync, writeDurablySync } from './durable-write-sync.js';
export { JsonLinesFile, readJsonLines } from './json-lines-file.js';
export { FileLock, LockLostError, type LockOptions } from './locks/file-lock.js';
export { withLock, LockTimeoutError, type LockWaitOptions } from './locks/with-lock.js';
export { isAlive } from './locks/lock-holder.js';
export { hostLockHolder, takeHostLock, type HostLock } from './locks/host-lock.js';
