import type { ExportFormat, RunSpec } from '#contracts';

/** What the exporting thread is told. */
export interface ExportOrder {
  readonly model: RunSpec['model'];
  readonly classes: readonly string[];
  readonly weightsPath: string;
  /** Null where it is not known. */
  readonly weightsSha256: string | null;
  readonly format: ExportFormat;
  /** File to write: what the format is, or a zip of its files. */
  readonly target: string;
}

/** What it answers, once. */
export type ExportReply =
  { readonly ok: true } | { readonly ok: false; readonly isRefused: boolean; readonly message: string };

/** Formats that are several files; they are sent as a zip. */
export const ZIPPED_FORMATS: readonly ExportFormat[] = ['savedmodel', 'tfjs'];
