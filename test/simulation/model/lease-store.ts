import { planShards } from '#queue';
import type { TimelineNumbers } from '#contracts';
import type { LeasePort } from '#training';
import type { World } from '../world/world.js';

type HeldShard = NonNullable<Awaited<ReturnType<LeasePort['fetch']>>>;

interface Job extends HeldShard {
  state: 'waiting' | 'active' | 'done';
  holder: string | null;
  lockedUntil: number;
}

const LOCK_MS = 15_000;
const RENEW_MS = 5_000;

/**
 * A model of the queue of one incarnation as `libs/queue` and BullMQ keep it in Redis: locks that run out, whose token is
 * the worker's id; the earliest round first; anybody may put a dead worker's jobs back. Away for a while, or emptied and
 * planned anew, when a fault says so.
 */
export class LeaseStore {
  isAway = false;
  #jobs: Job[] = [];

  constructor(
    private readonly world: World,
    private readonly numbers: TimelineNumbers,
    private readonly startRound: number,
  ) {
    this.plan();
  }

  /** Puts all shards in, as after the queue was lost: those of rounds long done come back too. */
  plan(): void {
    const shards = planShards({
      runId: 'run',
      numbers: this.numbers,
      incarnation: 1,
      startRound: this.startRound,
      segmentSteps: 2,
    });
    this.#jobs = shards.map(({ lane, firstRound, numRounds }) => ({
      leaseId: `r${firstRound}-l${lane}`,
      lane,
      firstRound,
      endRound: firstRound + numRounds,
      state: 'waiting',
      holder: null,
      lockedUntil: 0,
    }));
  }

  /** Who holds the lanes of a round. */
  holdersOf(round: number): (string | null)[] {
    const jobs = this.#jobs.filter(({ firstRound, endRound }) => firstRound <= round && round < endRound);
    return jobs.map(({ holder }) => holder);
  }

  /** A worker's view of it, from its own process. */
  port(workerId: string, onLost: (leaseId: string) => void): LeasePort & { close(): void } {
    const held = new Set<string>();
    const renewal = setInterval(() => {
      if (this.isAway) return;
      for (const leaseId of held) {
        const job = this.#owned(leaseId, workerId);
        if (job) job.lockedUntil = this.world.clock.now + LOCK_MS;
        else {
          held.delete(leaseId);
          onLost(leaseId);
        }
      }
    }, RENEW_MS);
    return {
      fetch: async () => {
        await this.#roundTrip();
        if (this.isAway) return null;
        this.#expire();
        const waiting = this.#jobs.filter(({ state }) => state === 'waiting');
        const [job] = waiting.sort((a, b) => a.firstRound - b.firstRound);
        if (!job) return null;
        Object.assign(job, { state: 'active', holder: workerId, lockedUntil: this.world.clock.now + LOCK_MS });
        await this.#roundTrip();
        held.add(job.leaseId);
        const { leaseId, lane, firstRound, endRound } = job;
        return { leaseId, lane, firstRound, endRound };
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
    const job = this.isAway ? undefined : this.#owned(leaseId, workerId);
    if (job) Object.assign(job, { state, holder: null });
  }

  #expire(): void {
    for (const job of this.#jobs) {
      if (job.state === 'active' && job.lockedUntil < this.world.clock.now) {
        Object.assign(job, { state: 'waiting', holder: null });
      }
    }
  }

  async #roundTrip(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, this.world.random.between(0.2, 3)));
  }
}
