import { INITIAL_VALIDATION_STATE, type Report, type ReportOrigin } from '#contracts';
import type { ExchangeListener, GradientExchange } from '#parameter-server';
import { silentLogger } from '#telemetry';
import { INITIAL_SCHEDULE_STATE, Replica, TrainingWork, type BatchPort, type LeasePort } from '#training';
import { SimulatedBatches } from '../simulation/model/batches.js';
import { initialSimulatedState, SimulatedEngine } from '../simulation/model/engine.js';
import type { LeaseStore } from './lease-store.js';
import type { RunRecord } from './run-record.js';
import type { RunShape } from '../simulation/model/run-shape.js';

export interface ParticipantOptions {
  readonly workerId: string;
  readonly shape: RunShape;
  readonly record: RunRecord;
  readonly leases: LeaseStore;
  /** This worker's place in the all-reduce. */
  readonly exchange: (listener: ExchangeListener) => GradientExchange & { close?(): void };
  /** Waited for before a lane of a round is computed. */
  readonly begin: (workerId: string, round: number) => Promise<void>;
  /** Something about it has changed. */
  readonly onChange: () => void;
}

/** A worker inside the test's process: production replica, reducer and exchange; only the engine is simple. */
export class Participant {
  readonly workerId: string;
  readonly #options: ParticipantOptions;
  readonly #replica: Replica;
  readonly #exchange: GradientExchange & { close?(): void };
  readonly #engine: SimulatedEngine;
  readonly #leases: LeasePort & { close(): void };
  #bug: Error | null = null;
  #isDead = false;

  constructor(options: ParticipantOptions) {
    const { workerId, shape, record, leases, onChange } = options;
    this.#options = options;
    this.workerId = workerId;
    this.#exchange = options.exchange({
      root: (round, vector) => this.#replica.rootArrived(round, vector),
      participants: (participants) => this.#replica.participantsChanged(participants),
      provideState: () => this.#replica.donateState(),
    });
    this.#leases = leases.port(workerId, (leaseId) => this.#replica.leaseLost(leaseId));
    this.#engine = new SimulatedEngine({
      layout: shape.layout,
      waitMs: () => 0,
      onApplied: (root, before, after) => record.onApplied(workerId, root, before, after),
    });
    const origin = { runId: 'elastic', incarnation: 1, workerId };
    this.#replica = new Replica({
      origin,
      work: this.#work(origin),
      exchange: this.#exchange,
      leases: this.#livingLeases(),
      report: (report) => this.#hear(report),
      logger: silentLogger(),
      onChange,
      onBug: (error) => {
        this.#bug = error;
        onChange();
      },
    });
  }

  get isTraining(): boolean {
    if (this.#bug) throw this.#bug;
    return this.#replica.model.phase === 'training';
  }

  /** Takes part from the run's first state, or from that of another participant. */
  async join({ isFirst }: { readonly isFirst: boolean }): Promise<void> {
    await this.#exchange.connect();
    if (isFirst) await this.#replica.begin();
    else this.#replica.beginFromPeer();
  }

  /** As on SIGTERM: ends the round in flight, then hands its lanes back. */
  leave(): void {
    this.#replica.drain('shutdown');
    void this.#replica.left.then(() => this.#leases.close());
  }

  /** As on SIGKILL: its connections break, and it hands nothing back. */
  async die(): Promise<void> {
    this.#isDead = true;
    this.#exchange.close?.();
    await this.#stop();
  }

  async close(): Promise<void> {
    await this.#stop();
    await this.#exchange.leave();
  }

  async #stop(): Promise<void> {
    await this.#replica.abandon();
    this.#leases.close();
  }

  #work(origin: ReportOrigin): TrainingWork {
    const { shape, record, workerId, begin } = this.#options;
    const { spec, numbers, layout } = shape;
    const source = new SimulatedBatches(spec.seed, numbers, () => 0);
    const batches: BatchPort = {
      load: async (lane, round) => {
        await begin(workerId, round);
        return await source.load(lane, round);
      },
      prefetch: () => undefined,
      evaluation: async function* (lane, round) {
        await begin(workerId, round);
        yield* source.evaluation(lane, round);
      },
    };
    return new TrainingWork({
      spec,
      numbers,
      layout,
      engines: this.#engine,
      batches,
      checkpoints: {
        write: async (state, { round, step, schedule, validation }) => {
          record.onCheckpoint({ round, state, schedule, validation });
          return await Promise.resolve({ step, round, directory: '', weightsSha256: '', sizeBytes: 0, at: 0 });
        },
      },
      start: () => ({
        round: 0,
        state: initialSimulatedState(layout, spec.seed),
        schedule: INITIAL_SCHEDULE_STATE,
        validation: INITIAL_VALIDATION_STATE,
      }),
      origin,
      report: (report) => this.#hear(report),
    });
  }

  /** The dead hand nothing back. */
  #livingLeases(): LeasePort {
    return {
      ...this.#leases,
      release: async (leaseId) => {
        if (!this.#isDead) await this.#leases.release(leaseId);
      },
    };
  }

  #hear(report: Report): void {
    const { record, onChange } = this.#options;
    switch (report.kind) {
      case 'steps':
        record.onSteps(report.steps);
        return;
      case 'evaluation':
        record.onEvaluation(report.evaluation);
        return;
      case 'finished':
        record.onFinished();
        onChange();
        return;
      case 'failed':
        this.#bug = new Error(report.message);
        onChange();
        return;
      case 'checkpoint':
      case 'evaluation-part':
      case 'note':
      case 'straggler-report':
      case 'paused':
        return;
    }
  }
}
