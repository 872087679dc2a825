import type { Redis } from 'ioredis';
import { DEFAULT_STEP_CONFIG, firstStateOf } from '#engine';
import {
  INITIAL_VALIDATION_STATE,
  runSpecSchema,
  type Report,
  type RunSpec,
  type StepTimings,
  type TimelineNumbers,
} from '#contracts';
import { ParameterServerClient } from '#parameter-server';
import { createRedisConnection, LaneLeases, planShards, ShardQueue, WorkerLink } from '#queue';
import { initialState, type VectorLayout } from '#resnet';
import { silentLogger } from '#telemetry';
import { INITIAL_SCHEDULE_STATE, Replica, TrainingWork, type BatchPort, type EnginePort } from '#training';
import type { Batch } from '#data-loading';

import type { Scenario } from './options.js';

const WORKER_ID = 'overhead';
const INCARNATION = 1;
/** More than hours of measuring take: no epoch ends and no checkpoint is due. */
const NUM_STEPS = 100_000;
const STEP_TIMEOUT_MS = 300_000;

/**
 * A worker's path from lease to ledger: the production replica with the production exchange, leases and reports. Steps
 * are taken when asked for, because batches come when asked for.
 */
export class WorkerPath {
  readonly #scenario: Scenario;
  readonly #makeBatch: () => Batch;
  readonly #timings: StepTimings[] = [];
  readonly #closers: (() => Promise<unknown>)[] = [];
  readonly #notAskedForMs = new Map<number, number>();
  #openUntil = 0;
  #openGates: (() => void)[] = [];
  #onRound: () => void = () => undefined;
  #replica: Replica | null = null;
  #client: ParameterServerClient | null = null;

  private constructor(scenario: Scenario, makeBatch: () => Batch) {
    this.#scenario = scenario;
    this.#makeBatch = makeBatch;
  }

  static async open(
    scenario: Scenario,
    { engines, layout, makeBatch }: { engines: EnginePort; layout: VectorLayout; makeBatch: () => Batch },
  ): Promise<WorkerPath> {
    const path = new WorkerPath(scenario, makeBatch);
    await path.#start(engines, layout);
    return path;
  }

  /** Takes steps until the exchange has noticed that this worker is the sole member, as it would in any run of some length. */
  async untilSoleMember(): Promise<void> {
    for (let step = 0; step < 1_000 && this.#client?.isInSoleMemberMode !== true; step += 1) await this.take(1);
  }

  /** Takes so many steps; resolves when the last one is applied. */
  async take(numSteps: number): Promise<void> {
    this.#openUntil += numSteps;
    if (this.#openUntil > NUM_STEPS) throw new RangeError(`no more than ${NUM_STEPS} steps can be measured`);
    for (const open of this.#openGates.splice(0)) open();
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('the worker path stands still')), STEP_TIMEOUT_MS);
      this.#onRound = () => {
        if ((this.#replica?.model.round ?? 0) < this.#openUntil) return;
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Where the time of the steps went that were reported since the last call. */
  takeTimings(): StepTimings[] {
    return this.#timings.splice(0);
  }

  async close(): Promise<void> {
    for (const close of this.#closers.toReversed()) await close();
  }

  async #start(engines: EnginePort, layout: VectorLayout): Promise<void> {
    const { servers, redisUrl, lanes } = this.#scenario;
    const logger = silentLogger();
    const runId = `overhead-${process.pid}`;
    const { spec, numbers } = runOf(this.#scenario);
    const connect = (purpose: 'commands' | 'blocking' | 'subscriber'): Redis => {
      const redis = createRedisConnection(redisUrl, { purpose, logger });
      this.#closers.push(async () => redis.disconnect());
      return redis;
    };
    const connection = connect('commands');
    const queue = new ShardQueue({ redis: connection, runId, incarnation: INCARNATION, logger });
    await queue.add(
      planShards({ runId, timeline: { kind: 'training', ...numbers }, incarnation: INCARNATION, startRound: 0 }),
    );
    this.#closers.push(() => queue.close());
    const leases = new LaneLeases({
      queueName: queue.name,
      connection,
      blockingConnection: connect('blocking'),
      workerId: WORKER_ID,
      logger,
      onLost: (leaseId) => this.#replica?.leaseLost(leaseId),
    });
    this.#closers.push(() => leases.close());
    const link = new WorkerLink({ workerId: WORKER_ID, connection, subscriber: connect('subscriber'), logger });
    const client = new ParameterServerClient({
      servers,
      token: null,
      runId,
      incarnation: INCARNATION,
      workerId: WORKER_ID,
      lanes,
      logger,
      listener: {
        root: (round, vector) => this.#replica?.rootArrived(round, vector),
        participants: (participants) => this.#replica?.participantsChanged(participants),
        provideState: async () => Promise.resolve(null),
      },
    });
    this.#client = client;
    const origin = { runId, incarnation: INCARNATION, workerId: WORKER_ID };
    const report = (told: Report): void => {
      if (told.kind === 'steps')
        this.#timings.push(...told.steps.map(({ round, timings }) => this.#withoutGate(round, timings)));
      link.report(told);
    };
    const work = new TrainingWork({
      spec,
      numbers,
      layout,
      engines,
      batches: this.#batches(),
      checkpoints: { write: () => Promise.reject(new Error('no checkpoint is due')) },
      start: () => ({
        round: 0,
        state: firstStateOf(initialState(layout, 1), layout, DEFAULT_STEP_CONFIG),
        schedule: INITIAL_SCHEDULE_STATE,
        validation: INITIAL_VALIDATION_STATE,
      }),
      origin,
      report,
    });
    const replica = new Replica({
      origin,
      work,
      exchange: client,
      leases,
      report,
      logger,
      onChange: () => this.#onRound(),
      onBug: (error) => {
        throw error;
      },
    });
    this.#replica = replica;
    this.#closers.push(() => replica.abandon());
    await leases.start();
    await client.connect();
    await replica.begin();
  }

  /** A step that nobody asks for yet waits for its batch. */
  #withoutGate(round: number, timings: StepTimings): StepTimings {
    const notAskedForMs = this.#notAskedForMs.get(round) ?? 0;
    this.#notAskedForMs.delete(round);
    return { ...timings, dataMs: Math.max(0, timings.dataMs - notAskedForMs) };
  }

  #batches(): BatchPort {
    return {
      load: async (_lane, round) => {
        const begun = performance.now();
        while (round >= this.#openUntil) await new Promise<void>((resolve) => this.#openGates.push(resolve));
        this.#notAskedForMs.set(round, performance.now() - begun);
        return this.#makeBatch();
      },
      prefetch: () => undefined,
      evaluation: async function* () {},
    };
  }
}

function runOf({ model, batch, lanes }: Scenario): { readonly spec: RunSpec; readonly numbers: TimelineNumbers } {
  const spec = runSpecSchema.parse({
    name: 'overhead',
    model: { architecture: model, numClasses: 10 },
    dataset: { kind: 'image-folder', path: '/none' },
    lanes,
    laneBatchSize: batch,
    epochs: 1,
    optimizer: { learningRate: 0.001 },
    checkpoint: { everySteps: NUM_STEPS },
  });
  const numTrainSamples = NUM_STEPS * lanes * batch;
  return { spec, numbers: { numTrainSamples, numValidationSamples: 1, lanes, laneBatchSize: batch, epochs: 1 } };
}
