import type { ExportFormat, RunSpec } from '#contracts';

/** What the exporting thread is told. */
export interface ExportOrder {
  readonly kind: 'export';
  readonly model: RunSpec['model'];
  readonly classes: readonly string[];
  readonly weightsPath: string;
  /** Null where it is not known. */
  readonly weightsSha256: string | null;
  readonly format: ExportFormat;
  /** File to write: what the format is, or a zip of its files. */
  readonly target: string;
}

/** The answer is that the file is written. */
export interface ExportAnswers {
  readonly export: null;
}
