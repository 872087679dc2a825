import { Injectable } from '@nestjs/common';
import { classNamesOf, type Prediction, type PredictionQuery } from '#contracts';
import { problem, ProblemException } from '../http/problem.js';
import { RunsService } from '../runs/runs.service.js';
import { Predictions } from './predictions.js';

interface Asked {
  readonly query: PredictionQuery;
  readonly image: Uint8Array;
  /** The overlay itself instead of JSON. */
  readonly wantsPicture: boolean;
  readonly signal: AbortSignal;
}

/** What the REST route for predictions does. Throws problems. */
@Injectable()
export class PredictionsService {
  readonly #predictions: Predictions;
  readonly #runs: RunsService;

  constructor(predictions: Predictions, runs: RunsService) {
    this.#predictions = predictions;
    this.#runs = runs;
  }

  async predict(id: string, { query, image, wantsPicture, signal }: Asked): Promise<Prediction | Buffer> {
    const run = await this.#runs.find(id);
    if (wantsPicture && query.overlay === undefined) {
      throw new ProblemException(problem(406, 'a prediction is JSON; ask for a picture with overlay=grad-cam'));
    }
    const { step, kind, answer, overlay } = await this.#predictions.predict(run, image, query, signal);
    if (wantsPicture && overlay) return overlay;
    const names = classNamesOf(run.record.dataset);
    const nameOf = (index: number): string => names[index] ?? String(index);
    const { width, height, classes, overlayOf } = answer;
    return {
      runId: run.id,
      step,
      weights: kind,
      image: { width, height },
      classes: classes.map(({ index, probability }) => ({ index, name: nameOf(index), probability })),
      overlay:
        overlay && overlayOf !== null
          ? { ofClass: overlayOf, name: nameOf(overlayOf), png: overlay.toString('base64') }
          : null,
    };
  }

  /** The bytes of a body or of an uploaded file. */
  imageOf(body: unknown): Uint8Array {
    if (Buffer.isBuffer(body) && body.length > 0) return body;
    if (typeof body === 'object' && body !== null && 'buffer' in body && Buffer.isBuffer(body.buffer))
      return body.buffer;
    const detail = 'the body is to be an image file, or a form with one in the field `image`; it is empty';
    throw new ProblemException(problem(400, detail, [{ path: 'image', message: 'is missing' }]));
  }
}
