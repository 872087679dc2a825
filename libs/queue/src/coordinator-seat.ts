import { REDIS_KEYS, WORKER_TTL_MS } from '#contracts';
import type { Redis } from 'ioredis';
import { z } from 'zod';

const occupantSchema = z.object({ id: z.string(), host: z.string(), dataDirectory: z.string() });
/** A coordinator: the data folder it keeps its record in, and where that is. */
export type Occupant = z.infer<typeof occupantSchema>;

/** Another coordinator, with another data folder, tells the workers of this Redis what to do. */
export class SeatTakenError extends Error {
  override readonly name = 'SeatTakenError';
}

/**
 * The one place for a coordinator at a Redis: two with records of their own would take each other's assignments away.
 * Held by being asked for at least every few seconds; a restart on the same data folder has it at once.
 */
export class CoordinatorSeat {
  #taken: SeatTakenError | null = null;

  constructor(
    private readonly redis: Redis,
    private readonly occupant: Occupant,
  ) {}

  /** Takes the seat, or keeps it. Throws SeatTakenError while another one has it, or what Redis says. */
  async hold(): Promise<void> {
    const text = JSON.stringify(this.occupant);
    const { redis } = this;
    if ((await redis.set(REDIS_KEYS.coordinator, text, 'PX', WORKER_TTL_MS, 'NX')) === null) {
      const holder = readOccupant(await redis.get(REDIS_KEYS.coordinator));
      if (holder !== undefined && holder.id !== this.occupant.id) {
        this.#taken = new SeatTakenError(
          `another coordinator (on ${holder.host}, with ${holder.dataDirectory}) works on this Redis: stop it, or set REDIS_URL to another one`,
        );
        throw this.#taken;
      }
      this.#taken = null;
      await redis.set(REDIS_KEYS.coordinator, text, 'PX', WORKER_TTL_MS);
    }
    this.#taken = null;
  }

  /** Throws SeatTakenError where another had the seat when last asked. */
  confirm(): void {
    if (this.#taken) throw this.#taken;
  }

  /** Leaves it to others at once, if it is held. Never rejects: it is theirs in some seconds anyway. */
  async leave(): Promise<void> {
    try {
      const holder = readOccupant(await this.redis.get(REDIS_KEYS.coordinator));
      if (holder?.id === this.occupant.id) await this.redis.del(REDIS_KEYS.coordinator);
    } catch {
      // Redis is away.
    }
  }
}

function readOccupant(text: string | null): Occupant | undefined {
  try {
    return occupantSchema.safeParse(JSON.parse(text ?? '')).data;
  } catch {
    return undefined;
  }
}
