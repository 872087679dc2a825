import { RunFaultError } from '#contracts';

/** A file is not what the index says: gone, of another size, or of another version. Training on it would break the digest. */
export class StoredObjectChangedError extends RunFaultError {
  override readonly name = 'StoredObjectChangedError';
  constructor(
    /** Relative to the store's location. */
    readonly path: string,
    /** Completes the sentence that begins with the path: `is gone`. */
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`${path} ${reason}`, options);
  }
}

/** The store refuses this process: no credentials, expired ones, or no right to read. Other processes may have the right. */
export class StoreAccessError extends Error {
  override readonly name = 'StoreAccessError';
}
