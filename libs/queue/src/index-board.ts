import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { REDIS_KEYS } from './redis-keys.js';

/** An index of 68 MB (1.28 M samples) is 17 pieces of 0.5 to 1 MB: none keeps Redis from others for long. */
const PIECE_BYTES = 4 * 2 ** 20;
/** Indexes that nobody holds any more go. */
const TTL_MS = 10 * 60_000;
const FIRST_WAIT_MS = 20;
const LONGEST_WAIT_MS = 250;

const manifestSchema = z.strictObject({
  sizeBytes: z.number().int().nonnegative(),
  numPieces: z.number().int().nonnegative(),
  sha256: z.string(),
});
const gzipped = promisify(gzip);
const gunzipped = promisify(gunzip);

export interface TakeIndexOptions {
  /** How long it is waited for an index that is not there yet. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Indexes of data sets on their way from the coordinator to the workers: by `indexKey`, in compressed pieces, for a time. */
export class IndexBoard {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** Keeps what is said of an index for ten minutes more. False where it has to be written anew. */
  async hold(name: string): Promise<boolean> {
    const manifest = await this.#manifest(name);
    if (manifest === null) return false;
    const keys = [REDIS_KEYS.index(name), ...pieceKeys(name, manifest.numPieces)];
    const transaction = this.#redis.multi();
    for (const key of keys) transaction.pexpire(key, TTL_MS);
    const results = (await transaction.exec()) ?? [];
    return results.length === keys.length && results.every(([error, isThere]) => error === null && isThere === 1);
  }

  /** Puts an index there, or word that there is none: who waits for it has to look at the data set itself. */
  async write(name: string, index: Uint8Array | null): Promise<void> {
    const bytes = index ?? new Uint8Array();
    const numPieces = Math.ceil(bytes.length / PIECE_BYTES);
    for (const [at, key] of pieceKeys(name, numPieces).entries()) {
      const piece = await gzipped(bytes.subarray(at * PIECE_BYTES, (at + 1) * PIECE_BYTES), { level: 1 });
      await this.#redis.set(key, piece, 'PX', TTL_MS);
    }
    // The last: whoever finds it finds all pieces.
    const manifest = { sizeBytes: bytes.length, numPieces, sha256: createHash('sha256').update(bytes).digest('hex') };
    await this.#redis.set(REDIS_KEYS.index(name), JSON.stringify(manifest), 'PX', TTL_MS);
  }

  /** The index, in memory that threads share; null where there is none, or none in time. */
  async take(name: string, options: TakeIndexOptions): Promise<Uint8Array<SharedArrayBuffer> | null> {
    const { timeoutMs, signal } = options;
    const until = performance.now() + timeoutMs;
    for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2)) {
      const manifest = await this.#manifest(name);
      if (manifest?.sizeBytes === 0) return null;
      const bytes = manifest && (await this.#read(name, manifest));
      if (bytes) return bytes;
      if (performance.now() + waitMs > until) return null;
      await sleep(waitMs, undefined, { signal });
    }
  }

  async #manifest(name: string): Promise<z.infer<typeof manifestSchema> | null> {
    const text = await this.#redis.get(REDIS_KEYS.index(name));
    return text === null ? null : manifestSchema.parse(JSON.parse(text));
  }

  /** Null where a piece has gone meanwhile. */
  async #read(
    name: string,
    { sizeBytes, numPieces, sha256 }: z.infer<typeof manifestSchema>,
  ): Promise<Uint8Array<SharedArrayBuffer> | null> {
    const bytes = new Uint8Array(new SharedArrayBuffer(sizeBytes));
    for (const [at, key] of pieceKeys(name, numPieces).entries()) {
      const piece = await this.#redis.getBuffer(key);
      if (piece === null) return null;
      const whole = await gunzipped(piece, { maxOutputLength: PIECE_BYTES });
      if (at * PIECE_BYTES + whole.length > sizeBytes) return null;
      bytes.set(whole, at * PIECE_BYTES);
    }
    return createHash('sha256').update(bytes).digest('hex') === sha256 ? bytes : null;
  }
}

function pieceKeys(name: string, numPieces: number): string[] {
  return Array.from({ length: numPieces }, (_, piece) => REDIS_KEYS.indexPiece(name, piece));
}
