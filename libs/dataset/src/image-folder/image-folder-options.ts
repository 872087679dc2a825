export type Split = 'train' | 'val';

export interface ImageFolderProgress {
  readonly split: Split;
  /** Files inspected so far in this split. */
  readonly numFiles: number;
}

export interface ImageFolderOptions {
  /** A file that is no readable image: refuse the whole data set, or leave it out. Default `refuse`. */
  readonly unreadable?: 'refuse' | 'skip';
  /** Files inspected at once. Default 16. */
  readonly concurrency?: number;
  /** Called after every 1000 files and at the end of each split. */
  readonly onProgress?: (progress: ImageFolderProgress) => void;
  /** Ends the scan; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}
