import type { TrainedNetwork } from '#engine';

/** What is exported; borrowed. */
export interface ExportedModel extends TrainedNetwork {
  /** Names of the classes in the order of the logits. Without them users of the export see numbers. */
  readonly classes?: readonly string[] | undefined;
  /** Training steps behind the running statistics. */
  readonly numBatchesTracked: number;
}

/** A file of an export. */
export interface ExportedFile {
  /** Relative to the export's folder, with `/`. */
  readonly path: string;
  readonly bytes: Uint8Array;
}
