import type { Shard, TimelineNumbers } from '#contracts';
import { planShards } from '#queue';
import type { LeasePort } from '#training';

interface Job {
  readonly leaseId: string;
  readonly shard: Shard;
  state: 'waiting' | 'active' | 'done';
  holder: string | null;
  lockedUntil: number;
}

/** What it needs of the world around it. */
export interface LeaseWorld {
  readonly clock: { readonly now: number };
  readonly random: { between(from: number, to: number): number };
}

const LOCK_MS = 15_000;
const RENEW_MS = 5_000;

/**
 * A model of the queue of one incarnation as `libs/queue` and BullMQ keep it in Redis: locks that run out, whose token is
 * the worker's id; the earliest round first; anybody may put a dead worker's jobs back.
 */
export class LeaseStore {
  readonly #world: LeaseWorld;
  readonly #jobs: Job[];

  constructor(world: LeaseWorld, numbers: TimelineNumbers, startRound: number) {
    this.#world = world;
    const shards = planShards({
      runId: 'run',
      timeline: { kind: 'training', ...numbers },
      incarnation: 1,
      startRound,
      segmentSteps: 2,
    });
    this.#jobs = shards.map((shard) => ({
      leaseId: `r${shard.firstRound}-l${shard.lane}`,
      shard,
      state: 'waiting',
      holder: null,
      lockedUntil: 0,
    }));
  }

  /** A worker's view of it, from its own process. */
  port(workerId: string, onLost: (leaseId: string) => void): LeasePort & { close(): void } {
    const held = new Set<string>();
    const renewal = setInterval(() => {
      for (const leaseId of held) {
        const job = this.#owned(leaseId, workerId);
        if (job) job.lockedUntil = this.#world.clock.now + LOCK_MS;
        else {
          held.delete(leaseId);
          onLost(leaseId);
        }
      }
    }, RENEW_MS);
    return {
      fetch: async () => {
        await this.#roundTrip();
        this.#expire();
        const waiting = this.#jobs.filter(({ state }) => state === 'waiting');
        const [job] = waiting.sort((a, b) => a.shard.firstRound - b.shard.firstRound);
        if (!job) return null;
        Object.assign(job, { state: 'active', holder: workerId, lockedUntil: this.#world.clock.now + LOCK_MS });
        await this.#roundTrip();
        held.add(job.leaseId);
        return { leaseId: job.leaseId, shard: job.shard };
      },
      release: async (leaseId) => {
        held.delete(leaseId);
        await this.#roundTrip();
        this.#settle(leaseId, workerId, 'waiting');
      },
      complete: async (leaseId) => {
        held.delete(leaseId);
        await this.#roundTrip();
        this.#settle(leaseId, workerId, 'done');
      },
      reclaim: async (deadWorkerId) => {
        await this.#roundTrip();
        for (const { leaseId } of this.#jobs) this.#settle(leaseId, deadWorkerId, 'waiting');
      },
      close: () => clearInterval(renewal),
    };
  }

  #owned(leaseId: string, workerId: string): Job | undefined {
    return this.#jobs.find((job) => job.leaseId === leaseId && job.state === 'active' && job.holder === workerId);
  }

  #settle(leaseId: string, workerId: string, state: 'waiting' | 'done'): void {
    const job = this.#owned(leaseId, workerId);
    if (job) Object.assign(job, { state, holder: null });
  }

  #expire(): void {
    for (const job of this.#jobs) {
      if (job.state === 'active' && job.lockedUntil < this.#world.clock.now) {
        Object.assign(job, { state: 'waiting', holder: null });
      }
    }
  }

  async #roundTrip(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, this.#world.random.between(0.2, 3)));
  }
}
