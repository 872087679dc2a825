import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import {
  classNamesOf,
  RefusedInputError,
  type PredictionAnswer,
  type PredictionQuery,
  type WeightsKind,
} from '#contracts';
import { inspectBytes, orientationOf } from '#dataset';
import { PredictionQueue } from '#queue';
import type { Logger } from '#telemetry';
import type { CoordinatorConfig } from '../config/coordinator.config.js';
import { CONFIG, DURATIONS, LOGGER, type Durations } from '../config/settings.js';
import { RedisLink } from '../redis/redis-link.js';
import { chosenWeights } from '../runs/chosen-weights.js';
import type { TrainingRun } from '../runs/live-run.js';
import { CheckpointFiles } from '../storage/checkpoint-files.js';
import { StoredFiles } from '../storage/stored-files.js';
import { LiveWorkers } from '../workers/live-workers.js';
import { FileExchanges } from './file-exchanges.js';

/** Nobody is there to predict, or too many wait. */
export class PredictionUnavailableError extends Error {
  override readonly name = 'PredictionUnavailableError';

  constructor(
    message: string,
    readonly why: 'no-worker' | 'too-many',
  ) {
    super(message);
  }
}

/** What a worker made of an image. */
export interface MadePrediction {
  readonly step: number;
  readonly kind: WeightsKind;
  readonly answer: Extract<PredictionAnswer, { ok: true }>;
  /** A PNG file. */
  readonly overlay: Buffer | null;
}

/** Predictions under way at once; each holds its image in memory. */
const MAX_UNDER_WAY = 32;
const FOLDER = 'predictions';

/** Has a worker predict images: this process loads no network. Image and overlay travel as files beside the run's checkpoints. */
@Injectable()
export class Predictions implements OnModuleInit, OnApplicationShutdown {
  readonly #queue: PredictionQueue;
  readonly #workers: LiveWorkers;
  readonly #timeoutMs: number;
  readonly #files: CheckpointFiles;
  readonly #exchanges: FileExchanges;
  readonly #checkpointDirectory: string;
  #numUnderWay = 0;

  constructor(
    redis: RedisLink,
    workers: LiveWorkers,
    files: CheckpointFiles,
    stored: StoredFiles,
    @Inject(DURATIONS) { predictionMs }: Durations,
    @Inject(CONFIG) { checkpointDirectory }: CoordinatorConfig,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.#queue = new PredictionQueue({ redis: redis.commands, logger });
    this.#workers = workers;
    this.#timeoutMs = predictionMs;
    this.#files = files;
    this.#exchanges = new FileExchanges({ files, stored, logger, checkpointDirectory });
    this.#checkpointDirectory = checkpointDirectory;
  }

  /** Removes what a coordinator that was killed left behind. */
  async onModuleInit(): Promise<void> {
    await rm(join(this.#checkpointDirectory, FOLDER), { recursive: true, force: true });
  }

  /**
   * Errors: RefusedInputError (image, class), NoWeightsError, PredictionUnavailableError, PredictionTimeoutError,
   * PredictionFailedError.
   */
  async predict(
    run: TrainingRun,
    image: Uint8Array,
    query: PredictionQuery,
    signal: AbortSignal,
  ): Promise<MadePrediction> {
    refuseWrongInput(run, image, query);
    const ema = query.ema === undefined ? undefined : query.ema === 'true';
    const weights = await chosenWeights(run, { step: query.step, ema }, this.#files);
    if (this.#workers.alive().length === 0) {
      throw new PredictionUnavailableError('no worker is here to predict: start one and try again', 'no-worker');
    }
    if (this.#numUnderWay >= MAX_UNDER_WAY) {
      throw new PredictionUnavailableError(`${MAX_UNDER_WAY} predictions are under way: try again`, 'too-many');
    }
    this.#numUnderWay += 1;
    const exchange = this.#exchanges.open(run.record, FOLDER);
    try {
      const imagePath = await exchange.give('image', image);
      const overlayPath = exchange.addressOf('overlay.png');
      const answer = await this.#queue.ask(
        {
          model: run.record.spec.model,
          precision: run.record.spec.precision,
          weightsPath: weights.address,
          weightsSha256: weights.sha256,
          imagePath,
          orientation: orientationOf(run.record.spec.dataset),
          top: query.top,
          overlay: query.overlay === undefined ? null : { path: overlayPath, ofClass: classIndex(run, query.class) },
        },
        this.#timeoutMs,
        signal,
      );
      if (!answer.ok) throw refusal(answer);
      const overlay = answer.overlayOf === null ? null : await exchange.take('overlay.png');
      return { step: weights.checkpoint.step, kind: weights.kind, answer, overlay };
    } finally {
      this.#numUnderWay -= 1;
      await exchange.close();
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#queue.close();
  }
}

/** Every fault at once, before a worker is troubled. */
function refuseWrongInput(run: TrainingRun, image: Uint8Array, query: PredictionQuery): void {
  const faults: { path: string; message: string }[] = [];
  const inspection = inspectBytes(image);
  if (inspection.kind === 'fault') faults.push({ path: 'image', message: inspection.reason });
  if (query.class !== undefined) {
    if (query.overlay === undefined) faults.push({ path: 'class', message: 'is of an overlay, and none is asked for' });
    else if (classIndex(run, query.class) === null) {
      faults.push({ path: 'class', message: `the run has no class ${query.class}` });
    }
  }
  if (faults.length > 0) throw new RefusedInputError('the image cannot be predicted', faults);
}

function refusal({ what, reason }: Extract<PredictionAnswer, { ok: false }>): RefusedInputError {
  const message = what === 'image' ? 'the image cannot be predicted' : `the weights of the run are refused: ${reason}`;
  return new RefusedInputError(message, [{ path: what, message: reason }]);
}

/**
 * The class that a name, a readable name or an index means, in this order. Null where none was given or the run has no
 * such class.
 */
function classIndex(run: TrainingRun, given: string | undefined): number | null {
  const { dataset } = run.record;
  const { classes } = dataset;
  if (given === undefined) return null;
  const named = [classes, classNamesOf(dataset)].map((names) => names.indexOf(given)).find((index) => index >= 0);
  if (named !== undefined) return named;
  const index = /^\d+$/.test(given) ? Number(given) : classes.length;
  return index < classes.length ? index : null;
}
