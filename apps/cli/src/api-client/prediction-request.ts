import type { CheckpointName } from '#contracts';

/** What a prediction may be asked for beside the image. */
export interface PredictionOptions {
  readonly top: number;
  readonly step: CheckpointName | undefined;
  readonly ema: boolean | undefined;
  /** Whether an overlay is drawn, and of which class. */
  readonly overlay: boolean;
  readonly ofClass: string | undefined;
}

/** The path that asks for it, with its query. */
export function predictionPath(runId: string, { top, step, ema, overlay, ofClass }: PredictionOptions): string {
  const query = new URLSearchParams({ top: String(top) });
  if (step !== undefined) query.set('step', String(step));
  if (ema !== undefined) query.set('ema', String(ema));
  if (overlay) query.set('overlay', 'grad-cam');
  if (ofClass !== undefined) query.set('class', ofClass);
  return `/v1/runs/${encodeURIComponent(runId)}/predict?${query.toString()}`;
}
