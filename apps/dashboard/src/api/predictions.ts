import type { Prediction } from '#contracts';
import { useMutation } from '@tanstack/react-query';
import { request } from './http.js';
import { runPath } from './queries.js';

/** A worker may have to load a large network first; the coordinator itself gives up a little earlier. */
const TIMEOUT_MS = 75_000;

export interface PredictionAsked {
  readonly file: File;
  /** Name of the class whose place is drawn; null: the most probable one. */
  readonly ofClass: string | null;
}

/** Shows an image to the network of the run's newest checkpoint. */
export function usePrediction(runId: string) {
  return useMutation({
    mutationFn: async ({ file, ofClass }: PredictionAsked) => {
      const query = new URLSearchParams({ top: '5', overlay: 'grad-cam', ...(ofClass !== null && { class: ofClass }) });
      return (await request(`${runPath(runId)}/predict?${query.toString()}`, {
        method: 'POST',
        headers: { 'content-type': 'application/octet-stream' },
        body: file,
        timeoutMs: TIMEOUT_MS,
      })) as Prediction;
    },
  });
}
