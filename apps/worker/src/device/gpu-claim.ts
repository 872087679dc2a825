import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Redis } from 'ioredis';

export interface Gpu {
  readonly index: number;
  /** Unique over hosts. */
  readonly uuid: string;
  readonly name: string;
}

const LEASE_MS = 15_000;

/** GPUs that the driver shows to this process; empty where there is no driver. */
export async function listGpus(): Promise<readonly Gpu[]> {
  try {
    const { stdout } = await promisify(execFile)(
      'nvidia-smi',
      ['--query-gpu=index,uuid,name', '--format=csv,noheader'],
      { timeout: 10_000 },
    );
    return parseGpus(stdout);
  } catch {
    return [];
  }
}

/** Parses `nvidia-smi --query-gpu=index,uuid,name --format=csv,noheader`. */
export function parseGpus(csv: string): readonly Gpu[] {
  return csv
    .split('\n')
    .map((line) => line.split(',').map((field) => field.trim()))
    .flatMap(([index, uuid, ...name]) =>
      index && uuid ? [{ index: Number(index), uuid, name: name.join(', ') }] : [],
    );
}

/**
 * Claims a free GPU under a lease in Redis, before TensorFlow loads: replicas of one service definition see the same
 * GPUs and must not share one. The lease is renewed until `stop`, and runs out by itself when the process dies.
 */
export class GpuClaim {
  readonly gpu: Gpu;
  readonly #redis: Redis;
  readonly #key: string;
  readonly #owner: string;
  readonly #renewal: NodeJS.Timeout;

  private constructor(gpu: Gpu, redis: Redis, owner: string) {
    this.gpu = gpu;
    this.#redis = redis;
    this.#key = keyOf(gpu);
    this.#owner = owner;
    this.#renewal = setInterval(() => void this.#renew(), LEASE_MS / 3);
  }

  /** The first GPU that nobody holds, or null when all are taken. */
  static async take(gpus: readonly Gpu[], redis: Redis, owner: string): Promise<GpuClaim | null> {
    for (const gpu of gpus) {
      if ((await redis.set(keyOf(gpu), owner, 'PX', LEASE_MS, 'NX')) === 'OK') return new GpuClaim(gpu, redis, owner);
    }
    return null;
  }

  async stop(): Promise<void> {
    clearInterval(this.#renewal);
    if ((await this.#redis.get(this.#key).catch(() => null)) === this.#owner)
      await this.#redis.del(this.#key).catch(() => 0);
  }

  /** Writes the lease again also after Redis was emptied; TensorFlow holds the device whatever Redis says. */
  async #renew(): Promise<void> {
    await this.#redis.set(this.#key, this.#owner, 'PX', LEASE_MS).catch(() => null);
  }
}

const keyOf = (gpu: Gpu): string => `skiplane:gpu:${gpu.uuid}`;
