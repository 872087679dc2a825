import {
  RecoverableError,
  RunFaultError,
  roundPosition,
  stepsPerEpoch,
  totalSteps,
  type RunSpec,
  type LaneShare,
  type MemberPace,
  type ScheduleState,
  type TimelineNumbers,
} from '#contracts';
import { unreadablePolicy } from '#dataset';
import type { VectorLayout } from '#resnet';
import type { Logger } from '#telemetry';
import { PaceWatch } from '../pace/pace-watch.js';
import { averageDecayAt } from '../schedule/average-decay.js';
import { learningRateAt } from '../schedule/learning-rate.js';
import { INITIAL_SCHEDULE_STATE, reduceSchedule, type CommittedRound } from '../schedule/schedule-state.js';
import { CommitLog } from './commit-log.js';
import type { EvaluationWork } from './evaluation-work.js';
import { DrainWatch } from './drain-watch.js';
import { leaderOf, type ReplicaMember } from './fair-share.js';
import { LaneComputer } from './lane-computer.js';
import {
  initialReplica,
  type DrainKind,
  type LaneRange,
  type ReplicaEffect,
  type ReplicaEvent,
  type ReplicaModel,
} from './replica-model.js';
import { describeRound, messageOf, ReplicaCheckpoints } from './replica-checkpoints.js';
import type { ReplicaPorts, ReplicaSnapshot } from './replica-ports.js';
import { reduceReplica } from './replica-reducer.js';
import { readEvaluation, readStep } from './read-root.js';
import { RoundClock } from './round-clock.js';
import { RoundVectors } from './round-vectors.js';
import { roundedElements } from './rounded-elements.js';
import { StepRecorder } from './step-recorder.js';

export interface ReplicaSetup {
  readonly workerId: string;
  readonly spec: RunSpec;
  readonly numbers: TimelineNumbers;
  readonly layout: VectorLayout;
  /** How long a peer may be silent, milliseconds. Default 2,000. */
  readonly patienceMs?: number;
  /** Lanes the engines compute at once. Default 1. */
  readonly numEngines?: number;
  readonly ports: ReplicaPorts;
  /** Given for an evaluation by itself: all rounds are its parts, nothing is trained and no checkpoint written. */
  readonly evaluation?: EvaluationWork | undefined;
  readonly logger: Logger;
  /** Something a heartbeat should tell has changed. */
  readonly onChange: () => void;
  /** An effect failed in a way nobody foresaw: the worker must end, others take its lanes over. */
  readonly onBug: (error: Error) => void;
}

const TICK_MS = 250;
const RETRY_MS = 100;
const REPEAT_MS = 3_000;
const DEFAULT_PATIENCE_MS = 2_000;

/** Carries out what the reducer decides for one run. Lives from the assignment until `left` settles. */
export class Replica {
  readonly #setup: ReplicaSetup;
  readonly #vectors = new RoundVectors();
  readonly #clock = new RoundClock();
  readonly #paces = new PaceWatch();
  readonly #draining: DrainWatch;
  readonly #log: CommitLog;
  readonly #recorder: StepRecorder;
  readonly #checkpoints: ReplicaCheckpoints;
  readonly #computer: LaneComputer;
  readonly #tick: NodeJS.Timeout;
  #model: ReplicaModel;
  /** Of all rounds whose update was given to the engines. */
  #schedule: ScheduleState = INITIAL_SCHEDULE_STATE;
  #isClosed = false;
  #settleLeft: () => void = () => undefined;
  /** Settles when the replica has left the run. */
  readonly left: Promise<void> = new Promise((resolve) => (this.#settleLeft = resolve));

  constructor(setup: ReplicaSetup) {
    this.#setup = setup;
    const { workerId, numbers, spec, layout, ports } = setup;
    const { patienceMs = DEFAULT_PATIENCE_MS } = setup;
    this.#model = initialReplica({
      workerId,
      numbers,
      checkpointEverySteps: spec.checkpoint.everySteps,
      leastIdleTicks: Math.ceil((1.5 * patienceMs) / TICK_MS),
    });
    this.#draining = new DrainWatch(patienceMs);
    this.#log = new CommitLog(ports.reports);
    this.#recorder = new StepRecorder(this.#log, () => this.#isLeader);
    this.#checkpoints = new ReplicaCheckpoints(numbers, ports, () => this.#log.memory);
    this.#computer = new LaneComputer({
      numbers,
      vectorLength: layout.vectorLength,
      engines: ports.engines,
      batches: ports.batches,
      evaluation: setup.evaluation,
      spec,
    });
    this.#tick = setInterval(() => {
      this.#log.flush(this.#isLeader);
      this.#dispatch({ kind: 'tick' });
      if (this.#isDrainOver()) this.#dispatch({ kind: 'drain-timeout' });
    }, TICK_MS);
  }

  get model(): ReplicaModel {
    return this.#model;
  }

  get #isLeader(): boolean {
    return leaderOf(this.#model.members) === this.#model.workerId;
  }

  /** Begins from a state on disk or from the seed. Borrows the state. */
  async startFrom({ state, schedule, round, commits }: ReplicaSnapshot): Promise<void> {
    await this.#setup.ports.engines.writeState(state);
    this.#schedule = schedule;
    if (commits) this.#log.learn(commits);
    this.#dispatch({ kind: 'state-loaded', round });
  }

  /** Begins from the state of a live worker, however long it takes to find one. */
  startFromPeer(): void {
    this.#run({ kind: 'request-state' });
  }

  rootArrived(round: number, vector: Float32Array<ArrayBuffer>): void {
    if (round < this.#model.round && this.#model.phase !== 'syncing') return;
    this.#vectors.keepRoot(round, vector);
    if (round === this.#model.round) this.#clock.rootArrived();
    this.#dispatch({ kind: 'root-arrived', round });
  }

  /** Only the leader is told. */
  pacesArrived(round: number, paces: readonly MemberPace[]): void {
    const { numbers, ports } = this.#setup;
    const { kind, stepsDone } = roundPosition(numbers, round);
    if (kind !== 'train' || this.#isClosed) return;
    const workers = this.#paces.take(stepsDone, paces, performance.now());
    if (workers) ports.reports.pace(stepsDone, workers);
  }

  membersChanged(members: readonly ReplicaMember[]): void {
    this.#dispatch({ kind: 'members-changed', members });
  }

  sharesChanged(shares: readonly LaneShare[]): void {
    this.#dispatch({ kind: 'shares-changed', shares });
  }

  leaseLost(leaseId: string): void {
    this.#dispatch({ kind: 'lease-lost', leaseId });
  }

  /** State for a newcomer, taken at a step boundary; null when this replica has none. */
  async donateState(): Promise<ReplicaSnapshot | null> {
    if (this.#isClosed || this.#model.phase === 'syncing' || this.#model.phase === 'left') return null;
    // Engines answer in order: an update that is under way is part of what is read, and so of the schedule.
    const round = this.#model.isApplying ? this.#model.round + 1 : this.#model.round;
    const schedule = this.#schedule;
    const state = await this.#setup.ports.engines.readState();
    return { round, schedule, state, commits: this.#log.memory };
  }

  /** Ends the round in flight, writes a checkpoint where this worker leads, hands the leases back and leaves. */
  drain(kind: DrainKind, withinMs = Infinity): void {
    this.#draining.begin(performance.now(), withinMs);
    this.#dispatch({ kind: 'drain', drain: kind });
  }

  #isDrainOver(): boolean {
    const { requested, computed } = this.#model;
    const isComputing = requested.length > computed.length;
    return this.#draining.isOver({ now: performance.now(), isComputing, ...this.#clock.own() });
  }

  /** Leaves at once; what is in flight is dropped. */
  async abandon(): Promise<void> {
    if (this.#isClosed) return;
    this.#close();
    await Promise.allSettled([
      ...this.#model.held.map((shard) => this.#setup.ports.leases.release(shard.leaseId)),
      this.#setup.ports.exchange.leave(),
      this.#checkpoints.settled(),
    ]);
    this.#settleLeft();
  }

  #close(): void {
    this.#isClosed = true;
    clearInterval(this.#tick);
    this.#log.flush(this.#isLeader);
  }

  #dispatch(event: ReplicaEvent): void {
    if (this.#isClosed) return;
    const before = this.#model;
    const { model, effects } = reduceReplica(before, event);
    this.#model = model;
    if (model.round !== before.round) this.#vectors.enterRound(model.round);
    if (model.phase !== before.phase || model.held !== before.held || model.round !== before.round)
      this.#setup.onChange();
    for (const effect of effects) this.#run(effect);
  }

  #run(effect: ReplicaEffect): void {
    void this.#perform(effect).catch((error: unknown) => this.#bug(error));
  }

  #bug(error: unknown): void {
    if (!this.#isClosed) this.#setup.onBug(error instanceof Error ? error : new Error(String(error)));
  }

  async #perform(effect: ReplicaEffect): Promise<void> {
    const { leases, exchange } = this.#setup.ports;
    switch (effect.kind) {
      case 'request-state':
        return await this.#requestState();
      case 'announce-unready':
        return exchange.unready();
      case 'announce-ready':
        this.#clock.start();
        return exchange.ready(effect.round);
      case 'announce-round':
        return exchange.ready(effect.round);
      case 'fetch-lease':
        return await this.#fetchLease(effect.rank);
      case 'release-lease':
        return await leases.release(effect.shard.leaseId);
      case 'complete-lease':
        return await leases.complete(effect.shard.leaseId);
      case 'reclaim-leases':
        return await leases.reclaim(effect.workerId);
      case 'compute-lane':
        return await this.#computeLane(effect.lane, effect.round);
      case 'push-node':
        return this.#push(effect.round, effect.node);
      case 'hand-in':
        return this.#handIn(effect.round, effect.lanes);
      case 'apply-root':
        return await this.#applyRoot(effect.round);
      case 'checkpoint':
        return await this.#checkpoints.write(effect.round, this.#schedule, this.#recorder.flush());
      case 'finish':
        return await this.#finish(effect.round);
      case 'leave':
        return await this.#leave(effect.drain, effect.isLeader);
    }
  }

  #push(round: number, node: LaneRange): void {
    const numRounded = roundedElements(this.#setup, round);
    this.#setup.ports.exchange.push(round, node, this.#vectors.takeSubtree(node, numRounded), numRounded);
  }

  async #requestState(): Promise<void> {
    const { exchange } = this.#setup.ports;
    while (!this.#isClosed && this.#model.phase === 'syncing') {
      try {
        const snapshot = await exchange.requestState();
        const isNewer = !this.#model.hasState || snapshot.round > this.#model.round;
        if (isNewer) return await this.startFrom(snapshot);
        return this.#dispatch({ kind: 'state-not-newer' });
      } catch (error) {
        if (!(error instanceof RecoverableError)) throw error;
        this.#setup.logger.info({ reason: error.message }, 'state-not-available');
        await delay(RETRY_MS * 3);
        this.#dispatch({ kind: 'state-unavailable' });
      }
    }
  }

  async #fetchLease(rank: number): Promise<void> {
    if (rank > 0) await delay(rank * 5);
    const shard = await this.#setup.ports.leases.fetch();
    if (this.#isClosed || this.#model.phase !== 'training') {
      if (shard) await this.#setup.ports.leases.release(shard.leaseId);
    } else if (shard) {
      const isAhead = shard.firstRound > this.#model.round;
      this.#dispatch({ kind: 'lease-granted', shard });
      // A shard ahead of us went straight back: give the one we wait for time to be reclaimed.
      if (isAhead) await delay(RETRY_MS);
    } else await delay(RETRY_MS);
    this.#dispatch({ kind: 'fetch-ended' });
  }

  /** Evaluations are not timed: they say little of the steps. */
  #handIn(round: number, lanes: number): void {
    const { numbers, numEngines: engines = 1, ports } = this.#setup;
    if (roundPosition(numbers, round).kind !== 'train') return;
    ports.exchange.handedIn(round, { lanes, engines, ...this.#clock.pace() });
  }

  async #computeLane(lane: number, round: number): Promise<void> {
    this.#clock.laneBegun();
    let result;
    try {
      result = await this.#computer.compute(lane, round);
    } catch (error) {
      return this.#failOrThrow(error, `lane ${lane}, ${describeRound(this.#setup.numbers, round)}`);
    }
    if (round !== this.#model.round) return;
    this.#clock.laneComputed(result.dataMs);
    this.#vectors.keepLane(lane, result.vector);
    this.#dispatch({ kind: 'lane-computed', round, lane });
  }

  async #applyRoot(round: number): Promise<void> {
    const { numbers, spec, layout, ports } = this.#setup;
    const root = this.#vectors.takeRoot(round);
    const position = roundPosition(numbers, round);
    const { evaluation: work } = this.#setup;
    if (work) this.#log.part(work.read(root, round), this.#isLeader);
    else if (position.kind === 'evaluate') {
      const evaluation = readEvaluation(root, position, { numClasses: spec.model.numClasses, at: Date.now() });
      this.#takeIn({ ...evaluation, kind: 'evaluate', round });
      this.#record(this.#recorder.evaluation(evaluation));
    } else {
      // Read before the engines take the vector.
      const step = readStep(root, layout, position, { numbers, unreadable: unreadablePolicy(spec.dataset) });
      const learningRate = this.#learningRate(position.stepsDone - 1);
      this.#takeIn({ ...step, kind: 'train' });
      const { momentum, weightDecay } = spec.optimizer;
      const averageDecay = averageDecayAt(spec.regularization, position.stepsDone);
      let applied;
      try {
        applied = await ports.engines.apply(root, {
          learningRate,
          momentum,
          weightDecay,
          ...(averageDecay !== undefined && { averageDecay }),
        });
      } catch (error) {
        return this.#failOrThrow(error, describeRound(numbers, round));
      }
      const metrics = { ...step, learningRate, at: Date.now(), ...this.#clock.read() };
      this.#record(this.#recorder.step(metrics, applied));
    }
    this.#clock.start();
    this.#dispatch({ kind: 'applied', round });
  }

  #record(recording: Promise<void>): void {
    void recording.catch((error: unknown) => this.#bug(error));
  }

  #learningRate(done: number): number {
    const { numbers, spec } = this.#setup;
    const steps = { done, perEpoch: stepsPerEpoch(numbers), total: totalSteps(numbers) };
    return learningRateAt(spec.optimizer, steps, this.#schedule);
  }

  /** Before anything is waited for: whoever reads the engines' state from now on reads it after this round. */
  #takeIn(committed: CommittedRound): void {
    this.#schedule = reduceSchedule(this.#setup.spec.optimizer.schedule, this.#schedule, committed);
  }

  async #finish(round: number): Promise<void> {
    if (this.#setup.evaluation) return await this.#repeatParts();
    await this.#recorder.flush();
    const checkpoint = await this.#checkpoints.finish(round, this.#schedule, () => this.#isClosed);
    if (!checkpoint) return;
    this.#setup.ports.reports.finished(checkpoint);
  }

  /** The coordinator ends an evaluation when it has every part; until then one may have been lost on its way. */
  async #repeatParts(): Promise<void> {
    while (!this.#isClosed) {
      await delay(REPEAT_MS);
      if (!this.#isClosed) this.#log.repeatParts();
    }
  }

  async #leave(drain: DrainKind, isLeader: boolean): Promise<void> {
    const { round } = this.#model;
    const writes = isLeader && !this.#setup.evaluation;
    const told = this.#recorder.flush();
    await (writes ? this.#checkpoints.write(round, this.#schedule, told) : this.#checkpoints.settled());
    await told;
    if (drain === 'pause' && isLeader) this.#setup.ports.reports.paused(round);
    this.#close();
    await this.#setup.ports.exchange.leave();
    this.#settleLeft();
  }

  #failOrThrow(error: unknown, where: string): void {
    if (this.#isClosed) return;
    if (!(error instanceof RunFaultError)) throw error;
    const message = `${where}: ${messageOf(error)}`;
    this.#setup.logger.error({ message }, 'run-failed');
    this.#setup.ports.reports.failed(message);
    void this.abandon();
  }
}

const delay = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
