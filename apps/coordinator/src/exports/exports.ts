import { randomUUID } from 'node:crypto';
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { classNamesOf, EXPORT_FORMATS, type ExportFormat } from '#contracts';
import { RequestThread } from '#threads';
import type { CoordinatorConfig } from '../config/coordinator.config.js';
import { CONFIG } from '../config/settings.js';
import type { SentFile } from '../http/send-file.js';
import { chosenWeights, type WeightsChoice } from '../runs/chosen-weights.js';
import type { TrainingRun } from '../runs/live-run.js';
import { CheckpointFiles } from '../storage/checkpoint-files.js';
import type { ExportAnswers, ExportOrder } from './export-order.js';

/** Too many exports are being written, or one took too long. */
export class ExportUnavailableError extends Error {
  override readonly name = 'ExportUnavailableError';
}

/** Token of the compiled entry of the exporting thread. */
export const EXPORT_THREAD_URL = Symbol('exportThreadUrl');

/** A file to be sent, and then disposed. */
export interface WrittenExport extends SentFile, AsyncDisposable {}

/** Each holds some copies of its weights in memory. */
const MAX_AT_ONCE = 2;
/** ResNet-152 takes some ten seconds on a slow core. */
const TIMEOUT_MS = 300_000;

/** Writes runs' networks in the formats of other programs, each in a thread of its own. No TensorFlow library is needed. */
@Injectable()
export class Exports implements OnModuleInit {
  readonly #files: CheckpointFiles;
  /** Each export has a folder of its own in it, which is removed when the export was sent. */
  readonly #directory: string;
  readonly #threadUrl: URL;
  #numAtOnce = 0;

  constructor(
    files: CheckpointFiles,
    @Inject(CONFIG) { dataDirectory }: CoordinatorConfig,
    @Inject(EXPORT_THREAD_URL) threadUrl: URL,
  ) {
    this.#files = files;
    this.#directory = join(dataDirectory, 'exports');
    this.#threadUrl = threadUrl;
  }

  /** Removes what a coordinator that was killed left behind. */
  async onModuleInit(): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
  }

  /**
   * The caller sends the file and disposes it. Errors: NoWeightsError, RefusedInputError (weights that are damaged or of
   * another network), ExportUnavailableError.
   */
  async write(run: TrainingRun, format: ExportFormat, choice: WeightsChoice): Promise<WrittenExport> {
    const weights = await chosenWeights(run, choice, this.#files);
    if (this.#numAtOnce >= MAX_AT_ONCE) {
      throw new ExportUnavailableError(`${MAX_AT_ONCE} exports are being written: try again in some seconds`);
    }
    this.#numAtOnce += 1;
    const folder = join(this.#directory, randomUUID());
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
      const { extension, isFolder } = EXPORT_FORMATS[format];
      const name = `${run.id}-step${weights.checkpoint.step}${weights.kind === 'average' ? '-average' : ''}.${extension}`;
      const mediaType = isFolder ? 'application/zip' : 'application/octet-stream';
      return { path, sizeBytes: (await stat(path)).size, name, mediaType, [Symbol.asyncDispose]: remove };
    } catch (error) {
      await remove();
      throw error;
    } finally {
      this.#numAtOnce -= 1;
    }
  }

  async #runThread(order: ExportOrder): Promise<void> {
    const thread = new RequestThread<ExportOrder, ExportAnswers>({
      url: this.#threadUrl,
      name: 'exporting',
      data: null,
    });
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
