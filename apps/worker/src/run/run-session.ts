import type { Assignment, ReportOrigin, RunPlan, ShardCacheState, WorkerHeartbeat } from '#contracts';
import type { IndexAccess } from '#dataset';
import type { LaneLeases, WorkerLink } from '#queue';
import { ParameterServerClient } from '#parameter-server';
import type { StoreSettings } from '#stores';
import type { Logger } from '#telemetry';
import { Replica, type DrainKind, type RoundWork } from '#training';
import type { Device } from '../device/device.js';
import { openEvaluation } from './open-evaluation.js';
import { openTraining } from './open-training.js';
import type { Overlap } from './overlap.js';
import type { OpenWorkOptions } from './open-work-options.js';

type ReplicaStatus = Pick<WorkerHeartbeat, 'status' | 'reason' | 'round' | 'lanes'>;
export type SessionStatus = ReplicaStatus & Pick<WorkerHeartbeat, 'shardCache'>;

export interface RunSessionOptions {
  readonly workerId: string;
  readonly token: string;
  /** How long a parameter server may be silent, milliseconds. */
  readonly patienceMs: number;
  /** Payloads go through shared memory where the parameter server is on this host. */
  readonly sharesMemory: boolean;
  /** Whether sums are pushed part by part. */
  readonly overlap: Overlap;
  readonly device: Device;
  readonly indexes: IndexAccess;
  /** How this host reaches stores. */
  readonly stores: StoreSettings;
  /** Where this host has the data set. Undefined: where the run says. */
  readonly datasetPath: string | undefined;
  /** A folder of this host's disk for checkpoints on their way to a store. */
  readonly staging: string;
  readonly assignment: Assignment;
  readonly plan: RunPlan;
  readonly link: WorkerLink;
  readonly makeLeases: (onLost: (leaseId: string) => void) => LaneLeases;
  readonly logger: Logger;
  readonly onChange: () => void;
  readonly onBug: (error: Error) => void;
}

/** Everything this worker holds for one incarnation of one run: engines, data, exchange, leases, replica. */
export class RunSession {
  readonly #options: RunSessionOptions;
  readonly #origin: ReportOrigin;
  readonly #closers: (() => Promise<unknown>)[] = [];
  #replica: Replica | null = null;
  #shares: RunPlan['shares'];
  #reason: string | null = null;
  #isRefused = false;
  #isOver = false;
  #assignment: Assignment;
  /** It waits for the state of a live worker. */
  #isWaiting = false;
  #shardCache: ShardCacheState | undefined;

  constructor(options: RunSessionOptions) {
    this.#options = options;
    this.#assignment = options.assignment;
    this.#shares = options.plan.shares;
    const { runId, incarnation } = options.assignment;
    this.#origin = { runId, incarnation, workerId: options.workerId };
  }

  get assignment(): Assignment {
    return this.#assignment;
  }

  /** Settles when the worker is through with the run; never rejects. */
  async run(): Promise<void> {
    try {
      await this.#serve();
    } catch (error) {
      this.#refuse(error);
      // Others may do better, and a person can mend what is wrong: keep the place and show the reason.
      await new Promise<void>((resolve) => this.#closers.push(async () => resolve()));
    } finally {
      await this.#close();
    }
  }

  status(): SessionStatus {
    return { ...this.#replicaStatus(), ...(this.#shardCache && { shardCache: this.#shardCache }) };
  }

  #replicaStatus(): ReplicaStatus {
    const model = this.#replica?.model;
    if (this.#isRefused || !model) {
      return { status: this.#isRefused ? 'refused' : 'starting', reason: this.#reason, round: null, lanes: [] };
    }
    const lanes = model.held.map((shard) => shard.lane).sort((a, b) => a - b);
    switch (model.phase) {
      case 'syncing':
        if (!this.#isWaiting) return { status: 'starting', reason: null, round: null, lanes };
        return { status: 'waiting-for-state', reason: 'no live worker has given its state yet', round: null, lanes };
      case 'training':
        return { status: 'ready', reason: null, round: model.round, lanes };
      case 'draining':
      case 'left':
        return { status: 'leaving', reason: null, round: model.round, lanes };
    }
  }

  planChanged(plan: RunPlan): void {
    if (plan.incarnation !== this.assignment.incarnation) return;
    if (plan.desired === 'pause') {
      if (this.#replica && !this.#isRefused) this.#replica.drain('pause');
      else void this.abandon();
    } else if (plan.desired === 'stop') void this.abandon();
    else this.#share(plan.shares);
  }

  #share(shares: RunPlan['shares']): void {
    if (JSON.stringify(shares) === JSON.stringify(this.#shares)) return;
    this.#shares = shares;
    this.#replica?.sharesChanged(shares);
  }

  /** The same order, which may have become another start: others have gone on since it was given. */
  assignmentChanged(assignment: Assignment): void {
    this.#assignment = assignment;
  }

  /** `withinMs`: the round in flight may take so long. */
  async drain(kind: DrainKind, withinMs: number): Promise<void> {
    if (!this.#replica || this.#isRefused) return await this.abandon();
    this.#replica.drain(kind, withinMs);
    await this.#replica.left;
    await this.#close();
  }

  async abandon(): Promise<void> {
    await this.#replica?.abandon();
    await this.#close();
  }

  async #serve(): Promise<void> {
    const { plan, workerId, token, patienceMs, sharesMemory, overlap, datasetPath, logger, link } = this.#options;
    logger.info({ overlap }, 'exchange-overlap');
    if (datasetPath !== undefined) logger.info({ datasetPath }, 'dataset-elsewhere');
    const work = await this.#open();
    const leases = this.#options.makeLeases((leaseId) => this.#replica?.leaseLost(leaseId));
    this.#closers.push(() => leases.close());
    if (this.#isOver) return;

    let hasReadyPeer = false;
    const client = new ParameterServerClient({
      servers: plan.parameterServers,
      token: token === '' ? null : token,
      patienceMs,
      sharesMemory,
      runId: plan.runId,
      incarnation: plan.incarnation,
      workerId,
      lanes: plan.spec.lanes,
      logger,
      listener: {
        root: (round, vector) => this.#replica?.rootArrived(round, vector),
        participants: (participants) => {
          hasReadyPeer = participants.some((participant) => participant.isReady && participant.workerId !== workerId);
          this.#replica?.participantsChanged(participants);
        },
        participantTimes: (round, participants) => this.#replica?.timesArrived(round, participants),
        provideState: async () => (await this.#replica?.donateState()) ?? null,
        connection: ({ kind, server, reason }) => logger.info({ server, reason }, `exchange-${kind}`),
      },
    });
    this.#closers.push(() => client.leave());
    await leases.start();
    const replica = new Replica({
      origin: this.#origin,
      work,
      exchange: client,
      leases,
      report: (report) => link.report(report),
      patienceMs,
      numEngines: this.#options.device.numEngines,
      overlap,
      logger,
      onChange: this.#options.onChange,
      onBug: (error) => this.#fail(error),
    });
    this.#replica = replica;
    replica.sharesChanged(this.#shares);
    this.#closers.push(() => replica.abandon());
    if (!(await isConnected(client, replica))) return;
    this.#options.onChange();
    const startsCold = this.#assignment.coldStart && !hasReadyPeer;
    if (startsCold) await replica.begin();
    this.#isWaiting = true;
    if (!startsCold) replica.beginFromPeer();
    this.#options.onChange();
    await replica.left;
  }

  #open(): Promise<RoundWork> {
    const { plan, device, overlap, indexes, stores, datasetPath, staging, link, patienceMs } = this.#options;
    const options: OpenWorkOptions = {
      origin: this.#origin,
      report: (report) => link.report(report),
      device,
      indexes,
      stores,
      datasetPath,
      staging,
      isStaged: overlap !== 'off',
      guard: { patienceMs, onHung: (error) => this.#fail(error) },
      onCache: (state) => (this.#shardCache = state),
      onSkipped: ({ path, reason }) => this.#note('warning', 'data', `${path} was left out: ${reason}`),
      onClose: (close) => this.#closers.push(close),
    };
    return plan.kind === 'training' ? openTraining(plan, options) : openEvaluation(plan, options);
  }

  #note(level: 'warning' | 'error', topic: string, message: string): void {
    this.#options.link.report({ kind: 'note', ...this.#origin, level, topic, message, at: Date.now() });
  }

  /** This process is of no more use to the run: others take its lanes. */
  #fail(error: Error): void {
    if (this.#isOver) return;
    this.#note('error', 'worker', `its process ends: ${error.message}`);
    this.#options.onBug(error);
  }

  #refuse(error: unknown): void {
    if (this.#isOver) return;
    this.#isRefused = true;
    this.#reason = error instanceof Error ? error.message : String(error);
    this.#options.logger.error({ reason: this.#reason }, 'run-refused');
    this.#note('error', 'worker', `worker ${this.#options.workerId} cannot take part: ${this.#reason}`);
    this.#options.onChange();
  }

  async #close(): Promise<void> {
    this.#isOver = true;
    await Promise.allSettled(
      this.#closers
        .splice(0)
        .toReversed()
        .map((close) => close()),
    );
  }
}

/** False where the replica left before the servers answered: that is no fault. */
async function isConnected(client: ParameterServerClient, replica: Replica): Promise<boolean> {
  const left = new AbortController();
  void replica.left.then(() => left.abort());
  try {
    await client.connect({ signal: left.signal });
  } catch (error) {
    if (!left.signal.aborted) throw error;
  }
  return !left.signal.aborted;
}
