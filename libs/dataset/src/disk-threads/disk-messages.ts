import type { FileLook } from '../image-format/inspect-file.js';
import type { FolderListing } from './list-files.js';

/** To a thread: list a folder, or look at files, one after the other. Paths are relative to the root, which is absolute. */
export type DiskRequest =
  | { readonly kind: 'list'; readonly root: string; readonly folder: string }
  | { readonly kind: 'inspect'; readonly root: string; readonly paths: readonly string[] };

export interface DiskAnswers {
  readonly list: FolderListing;
  readonly inspect: readonly FileLook[];
}

export interface DiskThreadData {
  /** Counted up whenever the disk has answered. */
  readonly beats: Int32Array<SharedArrayBuffer>;
}
