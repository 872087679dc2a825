import { readFile, stat, writeFile } from 'node:fs/promises';
import { isRemote, RefusedInputError, type PredictionAnswer, type PredictionJob } from '#contracts';
import { AddressedFiles, openWritableStore, type StoreSettings } from '#stores';
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
  /** How this host reaches stores. */
  readonly stores: StoreSettings;
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
  readonly #files: AddressedFiles;
  #held: { readonly key: string; readonly predictor: Predictor } | null = null;
  #idle: NodeJS.Timeout | null = null;

  constructor(options: PredictionServiceOptions) {
    this.#options = options;
    const { connection, logger, stores } = options;
    this.#files = new AddressedFiles(stores);
    this.#server = new PredictionServer({ connection, logger, predict: (job) => this.#predict(job) });
  }

  start(): void {
    this.#server.start();
  }

  async close(): Promise<void> {
    await this.#server.close();
    this.#files.close();
    await this.#release();
  }

  async #predict(job: PredictionJob): Promise<PredictionAnswer> {
    if (this.#idle) clearTimeout(this.#idle);
    try {
      const predictor = await answered('weights', () => this.#load(job));
      if ('ok' in predictor) return predictor;
      return await answered('image', () => this.#show(predictor, job));
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
    const path = await this.#pathOf(weightsPath);
    const { mtimeMs } = await stat(path);
    const key = JSON.stringify([path, mtimeMs, weightsSha256, model, precision]);
    if (this.#held?.key === key) return this.#held.predictor;
    await this.#release();
    const source = { model, precision, path, ...(weightsSha256 !== null && { sha256: weightsSha256 }) };
    const { device } = this.#options;
    checkPrecision(device, precision);
    const { engine, bits } = device;
    bits.enterAny();
    const predictor = await Predictor.load(source, engine);
    this.#held = { key, predictor };
    return predictor;
  }

  async #show(
    predictor: Predictor,
    { imagePath, orientation, top, overlay }: PredictionJob,
  ): Promise<PredictionAnswer> {
    const image = await readFile(await this.#pathOf(imagePath));
    const drawn = overlay && { ofClass: overlay.ofClass };
    const prediction = await predictor.predict({ image, orientation, top, overlay: drawn });
    if (overlay && prediction.overlay) await this.#put(overlay.path, prediction.overlay.png);
    const { width, height, classes } = prediction;
    return { ok: true, width, height, classes: [...classes], overlayOf: prediction.overlay?.ofClass ?? null };
  }

  /** Of a file that is there. */
  async #pathOf(address: string): Promise<string> {
    const refused = (cause?: unknown): RefusedInputError =>
      new RefusedInputError(`${address} cannot be read by this worker`, [], { cause });
    const path = await this.#files.pathOf(address);
    if (path === undefined) throw refused();
    await stat(path).catch((error: unknown) => {
      throw refused(error);
    });
    return path;
  }

  async #put(address: string, bytes: Uint8Array): Promise<void> {
    if (!isRemote(address)) return await writeFile(address, bytes);
    const end = address.lastIndexOf('/');
    const store = openWritableStore({ location: address.slice(0, end), settings: this.#options.stores });
    try {
      await store.write(address.slice(end + 1), bytes);
    } finally {
      store.close();
    }
  }

  async #release(): Promise<void> {
    const held = this.#held;
    this.#held = null;
    await held?.predictor.close();
  }
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
