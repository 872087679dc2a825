export { pruneStored, type PruneOptions } from './prune-stored.js';
export { removeStored } from './remove-stored.js';
export { uploadCheckpoint } from './upload-checkpoint.js';
