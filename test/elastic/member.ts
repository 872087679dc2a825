import type { ExchangeListener, GradientExchange } from '#parameter-server';
import { silentLogger } from '#telemetry';
import { Replica, type BatchPort, type LeasePort, type ReplicaPorts, type ReplicaSnapshot } from '#training';
import { exchangePort, snapshotToVectors } from '../../apps/worker/src/run/session-ports.js';
import { SimulatedBatches } from '../simulation/model/batches.js';
import { SimulatedEngine } from '../simulation/model/engine.js';
import type { LeaseStore } from './lease-store.js';
import type { RunRecord } from './run-record.js';
import type { RunShape } from '../simulation/model/run-shape.js';

export interface MemberOptions {
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

/** A worker inside the test's process: production replica, reducer, adapters and exchange; only the engine is simple. */
export class Member {
  readonly workerId: string;
  readonly #options: MemberOptions;
  readonly #replica: Replica;
  readonly #exchange: GradientExchange & { close?(): void };
  readonly #engine: SimulatedEngine;
  readonly #leases: LeasePort & { close(): void };
  #bug: Error | null = null;
  #isDead = false;

  constructor(options: MemberOptions) {
    const { workerId, shape, record, leases, onChange } = options;
    this.#options = options;
    this.workerId = workerId;
    this.#exchange = options.exchange({
      root: (round, vector) => this.#replica.rootArrived(round, vector),
      members: (members) => this.#replica.membersChanged(members),
      provideState: async () => {
        const snapshot = await this.#replica.donateState();
        return snapshot ? snapshotToVectors(snapshot) : null;
      },
    });
    this.#leases = leases.port(workerId, (leaseId) => this.#replica.leaseLost(leaseId));
    this.#engine = new SimulatedEngine({
      layout: shape.layout,
      waitMs: () => 0,
      onApplied: (root, before, after) => record.onApplied(workerId, root, before, after),
    });
    this.#replica = new Replica({
      workerId,
      spec: shape.spec,
      numbers: shape.numbers,
      layout: shape.layout,
      ports: this.#ports(),
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

  /** Takes part from the state given, else from that of another member. */
  async join(start: ReplicaSnapshot | null): Promise<void> {
    await this.#exchange.connect();
    if (start) await this.#replica.startFrom(start);
    else this.#replica.startFromPeer();
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

  #ports(): ReplicaPorts {
    const { shape, record, workerId, begin } = this.#options;
    const source = new SimulatedBatches(shape.spec.seed, shape.numbers, () => 0);
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
    const leases: LeasePort = {
      ...this.#leases,
      release: async (leaseId) => {
        if (!this.#isDead) await this.#leases.release(leaseId);
      },
    };
    return {
      engines: this.#engine,
      exchange: exchangePort(this.#exchange),
      leases,
      batches,
      checkpoints: {
        write: async (state, { round, step, schedule }) => {
          record.onCheckpoint({ round, state, schedule });
          return await Promise.resolve({ step, round, directory: '', weightsSha256: '', sizeBytes: 0, at: 0 });
        },
      },
      reports: {
        steps: (steps) => record.onSteps(steps),
        evaluation: (evaluation) => record.onEvaluation(evaluation),
        part: () => undefined,
        pace: () => undefined,
        checkpoint: () => undefined,
        paused: () => undefined,
        finished: () => {
          record.onFinished();
          this.#options.onChange();
        },
        failed: (message) => {
          this.#bug = new Error(message);
          this.#options.onChange();
        },
        note: () => undefined,
      },
    };
  }
}
