import { RefusedInputError } from '#contracts';
import type { InferenceThreadData } from '#engine';
import { readModel, type ModelSource } from '../protocols/load-models.js';
import { RequestThread, startInTurn } from '#threads';
import type {
  Prediction,
  PredictionRequest,
  PredictionThreadAnswers,
  PredictionThreadRequest,
} from './prediction-messages.js';

/** A network in a thread of its own that is shown one image after the other. */
export class Predictor {
  readonly #thread: RequestThread<PredictionThreadRequest, PredictionThreadAnswers>;

  private constructor(thread: RequestThread<PredictionThreadRequest, PredictionThreadAnswers>) {
    this.#thread = thread;
  }

  /** Rejects with RefusedInputError when the weights cannot be read or are another network's. */
  static async load(source: ModelSource, engine: 'graph' | 'portable'): Promise<Predictor> {
    const loaded = await readModel(source).catch((error: unknown) => {
      if (!(error instanceof RefusedInputError)) throw error;
      throw new RefusedInputError(`${source.path}: ${error.message}`, error.faults, { cause: error });
    });
    const url = new URL('./prediction-thread.js', import.meta.url);
    const data: InferenceThreadData = { ...loaded, engine };
    return startInTurn(async () => new Predictor(await RequestThread.start({ url, name: 'prediction', data })));
  }

  /** Rejects with RefusedInputError, path `image`, when the bytes are no image that can be read. */
  async predict(request: PredictionRequest): Promise<Prediction> {
    const { value } = await this.#thread.request({ kind: 'predict', ...request });
    if (value.kind === 'prediction') return value;
    throw new RefusedInputError(`the image is refused: ${value.reason}`, [{ path: 'image', message: value.reason }]);
  }

  async close(): Promise<void> {
    await this.#thread.close();
  }
}
