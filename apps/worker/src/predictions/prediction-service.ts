import { readFile, stat, writeFile } from 'node:fs/promises';
import { RefusedInputError, type PredictionAnswer, type PredictionJob } from '#contracts';
import { PredictionServer } from '#queue';
import type { Logger } from '#telemetry';
import { Predictor } from '#evaluation';
import type { Redis } from 'ioredis';
import { checkPrecision } from '../device/check-precision.js';
import type { Device } from '../device/device.js';

export interface PredictionServiceOptions {
  readonly device: Pick<Device, 'engine' | 'bits' | 'bf16'>;
  /** A `blocking` connection; borrowed. */
  readonly connection: Redis;
  readonly logger: Logger;
}

/** A network that nobody asked for so long is let go of. */
const IDLE_MS = 60_000;

/**
 * Makes the predictions the coordinator is asked for, also while this worker trains: in a thread of its own, one at a
 * time. The network of the last prediction stays loaded for a while.
 */
export class PredictionService {
  readonly #options: PredictionServiceOptions;
  readonly #server: PredictionServer;
  #held: { readonly key: string; readonly predictor: Predictor } | null = null;
  #idle: NodeJS.Timeout | null = null;

  constructor(options: PredictionServiceOptions) {
    this.#options = options;
    const { connection, logger } = options;
    this.#server = new PredictionServer({ connection, logger, predict: (job) => this.#predict(job) });
  }

  start(): void {
    this.#server.start();
  }

  async close(): Promise<void> {
    await this.#server.close();
    await this.#release();
  }

  async #predict(job: PredictionJob): Promise<PredictionAnswer> {
    if (this.#idle) clearTimeout(this.#idle);
    try {
      const predictor = await answered('weights', () => this.#load(job));
      if ('ok' in predictor) return predictor;
      return await answered('image', () => predict(predictor, job));
    } catch (error) {
      // Its thread may be gone: the next prediction begins anew.
      await this.#release();
      throw error;
    } finally {
      this.#idle = setTimeout(() => void this.#release(), IDLE_MS).unref();
    }
  }

  /** The same file, of the same time, is the same network. */
  async #load({ model, precision, weightsPath, weightsSha256 }: PredictionJob): Promise<Predictor> {
    const { mtimeMs } = await stat(weightsPath).catch((error: unknown) => {
      throw new RefusedInputError(`${weightsPath} cannot be read by this worker`, [], { cause: error });
    });
    const key = JSON.stringify([weightsPath, mtimeMs, weightsSha256, model, precision]);
    if (this.#held?.key === key) return this.#held.predictor;
    await this.#release();
    const source = { model, precision, path: weightsPath, ...(weightsSha256 !== null && { sha256: weightsSha256 }) };
    const { device } = this.#options;
    checkPrecision(device, precision);
    const { engine, bits } = device;
    bits.enterAny();
    const predictor = await Predictor.load(source, engine);
    this.#held = { key, predictor };
    return predictor;
  }

  async #release(): Promise<void> {
    const held = this.#held;
    this.#held = null;
    await held?.predictor.close();
  }
}

async function predict(
  predictor: Predictor,
  { imagePath, orientation, top, overlay }: PredictionJob,
): Promise<PredictionAnswer> {
  const image = await readFile(imagePath);
  const drawn = overlay && { ofClass: overlay.ofClass };
  const prediction = await predictor.predict({ image, orientation, top, overlay: drawn });
  if (overlay && prediction.overlay) await writeFile(overlay.path, prediction.overlay.png);
  const { width, height, classes } = prediction;
  return { ok: true, width, height, classes: [...classes], overlayOf: prediction.overlay?.ofClass ?? null };
}

/** What was refused is an answer; everything else fails the job. */
async function answered<T>(what: 'image' | 'weights', work: () => Promise<T>): Promise<T | PredictionAnswer> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof RefusedInputError)) throw error;
    return { ok: false, what, reason: error.faults[0]?.message ?? error.message };
  }
}
