import type { DatasetSpec } from '#contracts';
import type { KeptInspection } from '#dataset';
import type { StoreSettings } from '#stores';
import type { EncodedError } from '#threads';

/** What is kept of a data set that was looked at. */
export interface InspectedDataset extends Omit<KeptInspection, 'skipped'> {
  /** The first hundred unreadable files. */
  readonly broken: KeptInspection['broken'];
  readonly numBroken: number;
  /** Unreadable files that are left out. */
  readonly numSkipped: number;
}

/** To the scanning process. */
export type ScanOrder = ({ readonly kind: 'scan' } & ScanTask) | { readonly kind: 'cancel'; readonly id: number };

export interface ScanTask {
  readonly id: number;
  readonly spec: DatasetSpec;
  /** Where what was found is kept. */
  readonly keptFolder: string;
  /** How this host reaches stores. */
  readonly stores: StoreSettings;
}

/** From the scanning process. */
export type ScanReply = { readonly id: number } & (
  | { readonly kind: 'progress'; readonly numSamples: number }
  | { readonly kind: 'done'; readonly dataset: InspectedDataset }
  | { readonly kind: 'failed'; readonly error: EncodedError }
);
