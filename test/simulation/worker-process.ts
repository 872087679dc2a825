import { ParameterServerClient } from '#parameter-server';
import type { Logger } from '#telemetry';
import { Replica, type ReplicaPorts, type ReplicaSnapshot } from '#training';
import { exchangePort, snapshotToVectors } from '../../apps/worker/src/run/session-ports.js';
import { SimulatedBatches } from './model/batches.js';
import { SimulatedEngine } from './model/engine.js';
import type { LeaseStore } from './model/lease-store.js';
import type { RunRecord } from './model/run-record.js';
import type { RunShape } from './model/run-shape.js';
import type { SimulatedProcess } from './world/simulated-process.js';
import type { World } from './world/world.js';

/** What a worker is told when it is given a run. */
export interface SessionOrder {
  readonly incarnation: number;
  readonly leases: LeaseStore;
  readonly start: ReplicaSnapshot;
  readonly coldStart: boolean;
}

export interface WorkerOptions {
  readonly world: World;
  readonly process: SimulatedProcess;
  readonly shape: RunShape;
  readonly record: RunRecord;
  readonly servers: readonly string[];
  readonly token: string;
  /** How many times slower than others it computes. */
  readonly slowness: number;
  readonly logger: Logger;
}

/** A worker's process: a session after the other, each with the production replica, exchange client and adapters. */
export class WorkerProcess {
  readonly process: SimulatedProcess;
  replica: Replica | null = null;
  incarnation = 0;
  #client: ParameterServerClient | null = null;
  #closeLeases: () => void = () => undefined;

  constructor(private readonly options: WorkerOptions) {
    this.process = options.process;
  }

  /** Whether it could go on with the run alone. */
  get hasState(): boolean {
    const phase = this.replica?.model.phase;
    return this.process.isAlive && (phase === 'training' || phase === 'draining');
  }

  /** Runs in the worker's process. Settles when the session is through; its failure to connect is not one. */
  async serve(order: SessionOrder): Promise<void> {
    await this.#abandon();
    this.incarnation = order.incarnation;
    const { shape, servers, token, logger, process } = this.options;
    const workerId = process.name;
    let hasReadyPeer = false;
    const client = new ParameterServerClient({
      servers,
      token,
      runId: 'run',
      incarnation: order.incarnation,
      workerId,
      lanes: shape.spec.lanes,
      logger,
      listener: {
        root: (round, vector) => this.replica?.rootArrived(round, vector),
        members: (members) => {
          hasReadyPeer = members.some((member) => member.isReady && member.workerId !== workerId);
          this.replica?.membersChanged(members);
        },
        provideState: async () => {
          const snapshot = await this.replica?.donateState();
          return snapshot ? snapshotToVectors(snapshot) : null;
        },
      },
    });
    this.#client = client;
    const leases = order.leases.port(workerId, (leaseId) => this.replica?.leaseLost(leaseId));
    this.#closeLeases = () => leases.close();
    const replica = new Replica({
      workerId,
      spec: shape.spec,
      numbers: shape.numbers,
      layout: shape.layout,
      ports: { ...this.#ports(), exchange: exchangePort(client), leases },
      logger,
      onChange: () => undefined,
      onBug: (error) => process.crashed(error),
    });
    this.replica = replica;
    try {
      await client.connect();
      if (order.coldStart && !hasReadyPeer) await replica.startFrom(order.start);
      else replica.startFromPeer();
      await replica.left;
    } catch (error) {
      if (this.replica !== replica) return;
      logger.warn({ error: String(error) }, 'session-failed');
    }
    if (this.replica === replica) await this.#abandon();
  }

  /** As on SIGTERM. */
  async stop(): Promise<void> {
    const { replica } = this;
    if (replica === null || !this.process.isAlive) return;
    replica.drain('shutdown');
    await replica.left;
    await this.#abandon();
    this.process.kill();
  }

  async #abandon(): Promise<void> {
    const { replica } = this;
    this.replica = null;
    await replica?.abandon();
    this.#closeLeases();
    this.#client?.close();
    this.#client = null;
  }

  #ports(): Pick<ReplicaPorts, 'engines' | 'batches' | 'checkpoints' | 'reports'> {
    const { world, shape, record, slowness, process, logger } = this.options;
    const { random } = world;
    const waits = { gradients: [5, 60], evaluate: [5, 30], apply: [0.5, 8], state: [0.5, 10] } as const;
    const nothing = (): void => undefined;
    const written = new Map<number, ReplicaSnapshot>();
    return {
      engines: new SimulatedEngine({
        layout: shape.layout,
        waitMs: (what) => slowness * random.between(waits[what][0], waits[what][1]),
        onApplied: (root, before, after) => record.onApplied(process.name, root, before, after),
      }),
      batches: new SimulatedBatches(shape.spec.seed, shape.numbers, () => random.next() ** 4 * 30),
      checkpoints: {
        write: async (state, { round, step, schedule }) => {
          await new Promise((resolve) => setTimeout(resolve, random.between(1, 40)));
          written.set(round, { round, state, schedule });
          const name = `step-${step}`;
          return { step, round, directory: name, weightsSha256: name, sizeBytes: 0, at: Date.now() };
        },
      },
      reports: {
        steps: (steps) => record.onSteps(steps),
        evaluation: (evaluation) => record.onEvaluation(evaluation),
        part: nothing,
        // The coordinator goes on from checkpoints that it was told of, no others.
        checkpoint: ({ round }) => {
          const snapshot = written.get(round);
          written.clear();
          if (snapshot) record.onCheckpoint(snapshot);
        },
        paused: nothing,
        finished: () => record.onFinished(),
        failed: (message) => process.crashed(new Error(message)),
        note: (level, topic, message) => logger.info({ level, topic }, message),
      },
    };
  }
}
