import type { ExchangeListener, GradientExchange } from '#parameter-server';
import { totalRounds } from '#contracts';
import { waitFor } from '../../libs/parameter-server/src/client/wait-for.js';
import { LeaseStore } from './lease-store.js';
import { RunRecord, type Baseline } from './run-record.js';
import type { RunShape } from '../simulation/model/run-shape.js';
import { Random } from '../simulation/world/random.js';
import { Participant } from './participant.js';

/** For a share of the run's rounds there are so many workers. */
export interface Stage {
  readonly numWorkers: number;
  /** Those that go are killed; otherwise they leave in good order. */
  readonly kills: boolean;
}

export interface ElasticOptions {
  readonly shape: RunShape;
  readonly baseline: Baseline | null;
  readonly stages: readonly Stage[];
  readonly exchange: (workerId: string, listener: ExchangeListener) => GradientExchange & { close?(): void };
}

const PATIENCE_MS = 150_000;

/** A run whose number of workers changes from stage to stage, all in this process. */
export class ElasticRun {
  readonly record: RunRecord;
  /** Who computed a lane of each round. */
  readonly #drivers = new Map<number, Set<string>>();
  readonly #options: ElasticOptions;
  readonly #leases: LeaseStore;
  readonly #watchers = new Set<() => void>();
  readonly #gone: Participant[] = [];
  #entered: Promise<void>[] = [];
  #participants: Participant[] = [];
  #numJoined = 0;

  constructor(options: ElasticOptions) {
    this.#options = options;
    this.record = new RunRecord(options.shape, options.baseline);
    const random = new Random(options.shape.spec.seed);
    this.#leases = new LeaseStore({ clock: { now: 0 }, random }, options.shape.numbers, 0);
  }

  /** Runs to the end; `record.faults` tells what did not hold. */
  async run(): Promise<void> {
    const [first] = this.#options.stages;
    if (first === undefined) throw new RangeError('a schedule needs a stage');
    try {
      this.#entered = [this.#change(first)];
      await this.#entered[0];
      await this.#until('the end of the run', () => this.record.isFinished || this.record.faults.length > 0);
      this.record.settle();
    } finally {
      await Promise.all([...this.#participants, ...this.#gone].map((participant) => participant.close()));
    }
  }

  /**
   * The stages in none of whose rounds half of its workers computed at once. How soon lanes are shared out anew is a matter
   * of time, so all of them may not be asked for; usually they do from the second round on.
   */
  idleStages(): Stage[] {
    const rounds = [...this.#drivers];
    return this.#options.stages.filter(
      ({ numWorkers }, index) =>
        !rounds.some(([round, ids]) => this.#stageOf(round) === index && ids.size >= numWorkers / 2),
    );
  }

  #stageOf(round: number): number {
    return Math.floor((round * this.#options.stages.length) / totalRounds(this.#options.shape.numbers));
  }

  /** Holds a lane until its stage has the workers it is to have; the first that comes brings the change about. */
  async #begin(workerId: string, round: number): Promise<void> {
    const index = this.#stageOf(round);
    const stage = this.#options.stages[index];
    if (stage !== undefined) this.#entered[index] ??= this.#change(stage);
    await this.#entered[index];
    const drivers = this.#drivers.get(round) ?? new Set();
    this.#drivers.set(round, drivers.add(workerId));
  }

  async #change({ numWorkers, kills }: Stage): Promise<void> {
    const leaving = this.#participants.splice(numWorkers);
    this.#gone.push(...leaving);
    for (const participant of leaving) {
      // One that leaves in good order waits for the round in flight, which waits for this.
      if (kills) await participant.die();
      else participant.leave();
    }
    while (this.#participants.length < numWorkers) await this.#join();
    await this.#until(`${numWorkers} workers`, () => this.#participants.every(({ isTraining }) => isTraining));
  }

  async #join(): Promise<void> {
    const { shape, exchange } = this.#options;
    this.#numJoined += 1;
    const workerId = `worker-${this.#numJoined}`;
    const participant = new Participant({
      workerId,
      shape,
      record: this.record,
      leases: this.#leases,
      exchange: (listener) => exchange(workerId, listener),
      begin: (id, round) => this.#begin(id, round),
      onChange: () => this.#changed(),
    });
    this.#participants.push(participant);
    await participant.join({ isFirst: this.#numJoined === 1 });
  }

  async #until(what: string, isMet: () => boolean): Promise<void> {
    await waitFor(this.#watchers, isMet, { what, timeoutMs: PATIENCE_MS });
  }

  #changed(): void {
    for (const watcher of this.#watchers) watcher();
  }
}
