/** A file of a store. */
export interface StoredObject {
  readonly kind: 'object';
  /** Relative to the store's location, with '/'. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Changes with the content: the ETag of an object, the times of the last change of a file on disk. */
  readonly version: string;
  /**
   * When it was last changed, by the clock of disk or store, in milliseconds of the epoch; absent where that is not told. A
   * change that follows closely may give the same version on disk.
   */
  readonly changedAtMs?: number;
}

export interface StoredFolder {
  readonly kind: 'folder';
  /** Relative to the store's location, with '/', without one at the end. */
  readonly path: string;
}

/** Something that cannot be read as a file: a pipe, a broken link, a name that is not UTF-8. */
export interface StoredOddity {
  readonly kind: 'oddity';
  /** Where the name is not UTF-8, with U+FFFD for what cannot be shown. */
  readonly path: string;
  /** Completes the sentence that begins with the path: `is a pipe`. */
  readonly reason: string;
}

export type StoreEntry = StoredObject | StoredFolder | StoredOddity;

export interface WaitOptions {
  readonly signal?: AbortSignal;
}

export interface ListOptions extends WaitOptions {
  /** Lists what lies in the folders below as well; folders themselves are not listed then. Default false. */
  readonly isRecursive?: boolean;
  /** With `isRecursive`, lists folders, too, where the store has any. Default false. */
  readonly includesFolders?: boolean;
}

export interface ReadOptions extends WaitOptions {
  /** First byte. Default 0. */
  readonly offset?: number;
  /** Bytes to read. Default: to the end of the object. */
  readonly length?: number;
  /** The version that the object must have. */
  readonly expectedVersion?: string;
}

/** A file that is read in many pieces, of one version. */
export interface OpenObject {
  readonly sizeBytes: number;
  readonly version: string;
  read(offset: number, length: number, options?: WaitOptions): Promise<Uint8Array<ArrayBuffer>>;
  close(): Promise<void>;
}

/**
 * Files at one location, read only. Every call ends within the store's limits of time; what can pass, such as an answer of 503
 * or a line that breaks, has been tried again by then.
 *
 * Calls reject with StoredObjectChangedError, StoreAccessError, or RecoverableError: the store could not be reached or did not
 * answer in time.
 */
export interface Store {
  /** `/data/x`, `https://…/` or `s3://bucket/prefix/`; never holds credentials. */
  readonly location: string;
  /**
   * What a folder holds, in any order; '' is the location itself. Names that begin with a dot are listed as all others are. A
   * folder that is not there is empty. Rejects with RefusedInputError where the store cannot list (HTTP).
   */
  list(folder: string, options?: ListOptions): AsyncIterable<StoreEntry>;
  /** Null where there is no such file. Rejects with RefusedInputError where the path is something other than a file. */
  stat(path: string, options?: WaitOptions): Promise<StoredObject | null>;
  /** The bytes asked for, all of them; an object that ends before is StoredObjectChangedError. */
  read(path: string, options: ReadOptions & { readonly length: number }): Promise<Uint8Array<ArrayBuffer>>;
  /** The bytes in pieces as they come. A line that breaks in the middle is taken up again where it broke. */
  stream(path: string, options?: ReadOptions): AsyncIterable<Uint8Array>;
  /** For many reads of one file; each is as `read`, and finds a file that has changed since. */
  open(path: string, options?: WaitOptions & { readonly expectedVersion?: string }): Promise<OpenObject>;
  close(): void;
}

/** What is written: bytes, or a file of this host's disk that nobody changes meanwhile. */
export type WrittenBytes = Uint8Array | { readonly file: string };

/** A store that can be written to. Calls reject as those of Store do. */
export interface WritableStore extends Store {
  /** Puts an object there in place of what had its path: whole, or not at all. A large one goes in parts, some at once. */
  write(path: string, bytes: WrittenBytes, options?: WaitOptions): Promise<void>;
  /** Removes an object; one that is not there is no fault. */
  remove(path: string, options?: WaitOptions): Promise<void>;
}
