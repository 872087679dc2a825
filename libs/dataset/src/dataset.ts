import type { DatasetSpec } from '#contracts';
import type { FileSource, Store, StoreSettings } from '#stores';
import type { DiskThreads } from './disk-threads/disk-threads.js';
import type { IndexedReader } from './indexed-reader.js';

export type Split = 'train' | 'val';

export interface Fault {
  /** Relative to the data set's folder. */
  readonly path: string;
  readonly message: string;
}

export interface ScanProgress {
  readonly split: Split;
  /** Samples looked at so far in this split. */
  readonly numSamples: number;
}

/** Sound images of one size and format that a scan came upon. */
export interface ScannedImages {
  /** `jpeg`, `png`, `jpeg cmyk`, `jpeg gray`, `planar rgb` and so on. */
  readonly format: string;
  readonly width: number;
  readonly height: number;
  readonly count: number;
  /** They say by EXIF that they are to be shown turned or mirrored. */
  readonly isTurned: boolean;
  /** A colour profile is embedded. */
  readonly hasProfile: boolean;
}

/** Files among the images that are not looked at. */
export interface OtherFiles {
  /** In lower case, with its dot; empty where the name has none; `.*` for names that begin with a dot. */
  readonly extension: string;
  /** What its content or its entry looks like, or why it is left out: `text`, `HEIC`, `hidden`, `for a test`. */
  readonly kind: string;
  readonly count: number;
}

/** Names that begin with a dot, whichever form finds them: they are counted together. */
export const HIDDEN_FILES = { extension: '.*', kind: 'hidden' } as const;

export interface ScanOptions {
  /** Files inspected at once, where a sample is a file. Default 16. */
  readonly concurrency?: number;
  /** Called after every 1000 samples and at the end of each split. */
  readonly onProgress?: (progress: ScanProgress) => void;
  readonly onImages?: (images: ScannedImages) => void;
  /** Called for all files that are not looked at, one or more at once. */
  readonly onOther?: (other: OtherFiles) => void;
  /** Ends the scan; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** How this host reaches stores. Data sets on disk need none. */
  readonly stores?: StoreSettings;
  /** Where earlier surveys of the data set noted what they found. Default: nothing is noted. */
  readonly notes?: SurveyNotes;
}

/**
 * What earlier surveys of a data set found, unit by unit (a shard, a part of a class folder), so that a survey goes on where
 * it stopped and looks at nothing twice. A note says what it was made of (sizes, versions); whoever reads one compares.
 */
export interface SurveyNotes {
  /** Null where there is none, or none that is whole. */
  read(unit: string): Promise<unknown>;
  /** JSON of some megabytes at most. */
  write(unit: string, note: unknown): Promise<void>;
  /**
   * Milliseconds of the epoch. What changed on disk at that time or later may change again without a sign, because clocks of
   * disks are coarse: nothing is noted of it.
   */
  readonly settledBefore: number;
}

/** What a format scans with. All listing and reading goes through `store`. */
export interface ScanContext extends Omit<ScanOptions, 'stores' | 'notes'> {
  /** For the readers of what was found. */
  readonly source: FileSource;
  readonly store: Store;
  readonly notes: SurveyNotes;
  /** For locations on this host's disk. */
  readonly disk: DiskThreads;
}

/** All that a scan found, good and bad. */
export interface DatasetScan {
  readonly classes: readonly string[];
  /** What a person calls each class; the class itself where nothing says more. */
  readonly classNames: readonly string[];
  /** Null where faults left nothing to read. */
  readonly train: IndexedReader | null;
  readonly validation: IndexedReader | null;
  /** SHA-256 (hex): equal digests, equal samples in equal order. */
  readonly digest: string;
  /**
   * All that the result is a function of, relative to the location: files, and folders that were listed, with an end of `/`
   * (`/` is the location). Also what was looked for and is not there. By these a kept index is known to be out of date.
   * Null where files lie elsewhere: each survey looks whether they have changed.
   */
  readonly dependsOn: readonly string[] | null;
  /** What makes the data set unfit for training. */
  readonly faults: readonly Fault[];
  /** Single samples that cannot be read; a run may leave them out. */
  readonly broken: readonly Fault[];
}

/** A data set that was opened and found sound. */
export interface Dataset extends Pick<DatasetScan, 'classes' | 'classNames' | 'digest'> {
  readonly train: IndexedReader;
  readonly validation: IndexedReader;
  /** Unreadable files that were left out (`unreadable: 'skip'`), with the reason. */
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
}

/** One format of data sets: how it is recognised and read. */
export interface DatasetFormat<Spec extends DatasetSpec> {
  /** What its folder holds, for a message. */
  readonly layout: string;
  /** Whether the digest covers every byte: nobody trusts an index then without having read them. */
  readonly digestCoversBytes?: boolean;
  /** Whether a location with these entries looks like one, or, where no format does, one whose folders hold these (`data/x.tar`). */
  recognises(entries: readonly string[]): boolean;
  /** Files that such data sets have and no others: web servers cannot list theirs, but say whether one is there. */
  readonly landmarks?: readonly string[];
  /** Files of any name give it away, such as a table, which may lie beside data of other formats: those come first. */
  readonly isGuess?: true;
  /** Looks at everything once and names every fault; rejects only when it is aborted or a disk fails. */
  scan(spec: Spec, context: ScanContext): Promise<DatasetScan>;
}
