import { randomUUID } from 'node:crypto';
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { classNamesOf, type ExportFormat } from '#contracts';
import { RequestThread } from '#threads';
import { chosenWeights, type ChosenWeights, type WeightsChoice } from '../runs/chosen-weights.js';
import type { TrainingRun } from '../runs/live-run.js';
import type { ExportAnswers, ExportOrder } from './export-order.js';

/** Too many exports are being written, or one took too long. */
export class ExportUnavailableError extends Error {
  override readonly name = 'ExportUnavailableError';
}

export interface ExportsOptions {
  readonly checkpointDirectory: string;
  /** Exports are written into a folder of its own in here and removed when they were sent. */
  readonly dataDirectory: string;
  /** Compiled entry of the exporting thread. Default: the one beside this file. */
  readonly threadUrl?: URL;
}

export interface WrittenExport extends AsyncDisposable {
  readonly path: string;
  readonly sizeBytes: number;
  readonly weights: ChosenWeights;
}

/** Each holds some copies of its weights in memory. */
const MAX_AT_ONCE = 2;
/** ResNet-152 takes some ten seconds on a slow core. */
const TIMEOUT_MS = 300_000;
const FOLDER = 'exports';

/** Writes runs' networks in the formats of other programs, each in a thread of its own. No TensorFlow library is needed. */
export class Exports {
  readonly #options: ExportsOptions;
  #numAtOnce = 0;

  constructor(options: ExportsOptions) {
    this.#options = options;
  }

  /** Removes what a coordinator that was killed left behind. */
  async start(): Promise<void> {
    await rm(join(this.#options.dataDirectory, FOLDER), { recursive: true, force: true });
  }

  /**
   * The caller sends the file and disposes it. Errors: NoWeightsError, RefusedInputError (weights that are damaged or of
   * another network), ExportUnavailableError.
   */
  async write(run: TrainingRun, format: ExportFormat, choice: WeightsChoice): Promise<WrittenExport> {
    const { checkpointDirectory, dataDirectory } = this.#options;
    const weights = await chosenWeights(run, choice, checkpointDirectory);
    if (this.#numAtOnce >= MAX_AT_ONCE) {
      throw new ExportUnavailableError(`${MAX_AT_ONCE} exports are being written: try again in some seconds`);
    }
    this.#numAtOnce += 1;
    const folder = join(dataDirectory, FOLDER, randomUUID());
    const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
    try {
      await mkdir(folder, { recursive: true });
      const path = join(folder, format);
      const { spec, dataset } = run.record;
      await this.#runThread({
        kind: 'export',
        model: spec.model,
        classes: [...classNamesOf(dataset)],
        weightsPath: weights.path,
        weightsSha256: weights.sha256,
        format,
        target: path,
      });
      return { path, sizeBytes: (await stat(path)).size, weights, [Symbol.asyncDispose]: remove };
    } catch (error) {
      await remove();
      throw error;
    } finally {
      this.#numAtOnce -= 1;
    }
  }

  async #runThread(order: ExportOrder): Promise<void> {
    const url = this.#options.threadUrl ?? new URL('./export-thread.js', import.meta.url);
    const thread = new RequestThread<ExportOrder, ExportAnswers>({ url, name: 'exporting', data: null });
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    try {
      await thread.request(order, { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
      throw new ExportUnavailableError(`the export was not written within ${TIMEOUT_MS / 1000} s`, { cause: error });
    } finally {
      await thread.close();
    }
  }
}
