import type { Redis } from 'ioredis';
import { z } from 'zod';
import { REDIS_KEYS, WORKER_TTL_MS } from './redis-keys.js';

const holderSchema = z.object({ id: z.string(), host: z.string(), dataDirectory: z.string() });
/** A coordinator: the data folder it keeps its record in, and where that is. */
export type LeaseHolder = z.infer<typeof holderSchema>;

/** Another coordinator, with another data folder, tells the workers of this Redis what to do. */
export class CoordinatorLeaseTakenError extends Error {
  override readonly name = 'CoordinatorLeaseTakenError';
}

/**
 * The right to tell the workers of a Redis what to do: two coordinators with records of their own would take each other's
 * assignments away. It is held by a call of `hold` every few seconds. It belongs to the data folder, so that a coordinator
 * that was started again has it at once.
 */
export class CoordinatorLease {
  readonly #redis: Redis;
  readonly #self: LeaseHolder;
  #taken: CoordinatorLeaseTakenError | null = null;

  constructor(redis: Redis, self: LeaseHolder) {
    this.#redis = redis;
    this.#self = self;
  }

  /** Takes the lease, or renews it. Throws CoordinatorLeaseTakenError while another one has it, or what Redis says. */
  async hold(): Promise<void> {
    const text = JSON.stringify(this.#self);
    if ((await this.#redis.set(REDIS_KEYS.coordinator, text, 'PX', WORKER_TTL_MS, 'NX')) === null) {
      const holder = await this.#holder();
      if (holder !== undefined && holder.id !== this.#self.id) {
        this.#taken = new CoordinatorLeaseTakenError(
          `another coordinator (on ${holder.host}, with ${holder.dataDirectory}) works on this Redis: stop it, or set REDIS_URL to another one`,
        );
        throw this.#taken;
      }
      this.#taken = null;
      await this.#redis.set(REDIS_KEYS.coordinator, text, 'PX', WORKER_TTL_MS);
    }
    this.#taken = null;
  }

  /** Throws CoordinatorLeaseTakenError where another had the lease when last asked. */
  confirm(): void {
    if (this.#taken) throw this.#taken;
  }

  /** Leaves the lease to others at once, if it is held. Never rejects: it runs out in some seconds anyway. */
  async release(): Promise<void> {
    try {
      if ((await this.#holder())?.id === this.#self.id) await this.#redis.del(REDIS_KEYS.coordinator);
    } catch {
      // Redis is away.
    }
  }

  async #holder(): Promise<LeaseHolder | undefined> {
    const text = await this.#redis.get(REDIS_KEYS.coordinator);
    try {
      return holderSchema.safeParse(JSON.parse(text ?? '')).data;
    } catch {
      return undefined;
    }
  }
}
