import { NotFiniteError, RecoverableError, RunFaultError, type LaneShare, type ParticipantTimes } from '#contracts';
import type { StateSnapshot } from '#parameter-server';
import { StragglerWatch } from '../stragglers/straggler-watch.js';
import { DrainWatch } from './drain-watch.js';
import { leaderOf, type ReplicaParticipant } from './fair-share.js';
import {
  initialReplica,
  type DrainKind,
  type ReplicaEffect,
  type ReplicaEvent,
  type ReplicaModel,
} from './replica-model.js';
import { reduceReplica } from './replica-reducer.js';
import type { ReplicaSetup } from './replica-setup.js';
import { RoundRunner } from './round-runner.js';

const TICK_MS = 250;
const RETRY_MS = 100;
const DEFAULT_PATIENCE_MS = 2_000;

/** Carries out what the reducer decides for one run. Lives from the assignment until `left` settles. */
export class Replica {
  readonly #setup: ReplicaSetup;
  readonly #rounds: RoundRunner;
  readonly #stragglers = new StragglerWatch();
  readonly #draining: DrainWatch;
  readonly #tick: NodeJS.Timeout;
  readonly #closing = new AbortController();
  #model: ReplicaModel;
  /** Of the exchange, at the last tick. */
  #receivedBytes = 0;
  /** At which tick they had last become more. */
  #heardAt = 0;
  #settleLeft: () => void = () => undefined;
  /** Settles when the replica has left the run. */
  readonly left: Promise<void> = new Promise((resolve) => (this.#settleLeft = resolve));

  constructor(setup: ReplicaSetup) {
    this.#setup = setup;
    const { origin, work, patienceMs = DEFAULT_PATIENCE_MS } = setup;
    this.#model = initialReplica({
      workerId: origin.workerId,
      lanes: work.lanes,
      numRounds: work.numRounds,
      patienceTicks: Math.ceil((1.5 * patienceMs) / TICK_MS),
    });
    this.#draining = new DrainWatch(patienceMs);
    this.#rounds = new RoundRunner({
      setup,
      round: () => this.#model.round,
      dispatch: (event) => this.#dispatch(event),
      onFault: (fault, round) => this.#fail(fault, round),
      onBug: (error) => this.#bug(error),
    });
    this.#tick = setInterval(() => {
      work.follow(this.#isLeader);
      this.#dispatch({ kind: 'tick', isReceiving: this.#hasReceived() });
      if (this.#isDrainOver()) this.#dispatch({ kind: 'drain-timeout' });
    }, TICK_MS);
  }

  get model(): ReplicaModel {
    return this.#model;
  }

  get #isLeader(): boolean {
    return leaderOf(this.#model.participants) === this.#model.workerId;
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  /** Begins where the plan says: from a state on disk or from the seed. */
  async begin(): Promise<void> {
    const { work } = this.#setup;
    const round = await work.begin();
    this.#dispatch({ kind: 'state-loaded', round, numRounds: work.numRounds });
  }

  /** Begins from the state of a live worker, however long it takes to find one. */
  beginFromPeer(): void {
    this.#run({ kind: 'request-state' });
  }

  rootArrived(round: number, vector: Float32Array): void {
    if (round < this.#model.round && this.#model.phase !== 'syncing') return;
    this.#rounds.rootArrived(round, vector);
    this.#dispatch({ kind: 'root-arrived', round });
  }

  /** Only the leader is told. */
  timesArrived(round: number, participants: readonly ParticipantTimes[]): void {
    const { work, origin, report } = this.#setup;
    const step = work.timedStep(round);
    if (step === null || this.#isClosed) return;
    const workers = this.#stragglers.take(step, participants, performance.now());
    if (workers) report({ kind: 'straggler-report', ...origin, step, workers: [...workers] });
  }

  participantsChanged(participants: readonly ReplicaParticipant[]): void {
    this.#dispatch({ kind: 'participants-changed', participants });
    if (!this.#isClosed) this.#setup.work.follow(this.#isLeader);
  }

  sharesChanged(shares: readonly LaneShare[]): void {
    this.#dispatch({ kind: 'shares-changed', shares });
  }

  leaseLost(leaseId: string): void {
    this.#dispatch({ kind: 'lease-lost', leaseId });
  }

  /** State for a newcomer, taken at a step boundary; null when this replica has none. */
  async donateState(): Promise<StateSnapshot | null> {
    const { phase, isApplying, round } = this.#model;
    if (this.#isClosed || phase === 'syncing' || phase === 'left') return null;
    return await this.#setup.work.snapshot(isApplying ? round + 1 : round);
  }

  /** Ends the round in flight, saves the state where this worker leads, hands the leases back and leaves. */
  drain(kind: DrainKind, withinMs = Infinity): void {
    this.#draining.begin(performance.now(), withinMs);
    this.#dispatch({ kind: 'drain', drain: kind });
  }

  #isDrainOver(): boolean {
    const { requested, computed } = this.#model;
    const isComputing = requested.length > computed.length;
    const heardAt = this.#heardAt;
    return this.#draining.isOver({ now: performance.now(), isComputing, heardAt, ...this.#rounds.clock.own() });
  }

  /** Something of a root has come since it was asked last. */
  #hasReceived(): boolean {
    const before = this.#receivedBytes;
    this.#receivedBytes = this.#setup.exchange.receivedBytes;
    const hasReceived = this.#receivedBytes > before;
    if (hasReceived) this.#heardAt = performance.now();
    return hasReceived;
  }

  /** Leaves at once; what is in flight is dropped. */
  async abandon(): Promise<void> {
    if (this.#isClosed) return;
    const { leases, exchange, work } = this.#setup;
    this.#close();
    await Promise.allSettled([
      ...this.#model.held.map((shard) => leases.release(shard.leaseId)),
      exchange.leave(),
      work.settled(),
    ]);
    this.#settleLeft();
  }

  #close(): void {
    this.#closing.abort();
    clearInterval(this.#tick);
    this.#setup.work.follow(this.#isLeader);
  }

  #dispatch(event: ReplicaEvent): void {
    if (this.#isClosed) return;
    const before = this.#model;
    const { model, effects } = reduceReplica(before, event);
    this.#model = model;
    if (model.round !== before.round) this.#rounds.enterRound(model.round);
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
    const { leases, exchange, work } = this.#setup;
    switch (effect.kind) {
      case 'request-state':
        return await this.#requestState();
      case 'announce-unready':
        return exchange.unready();
      case 'announce-ready':
        this.#rounds.clock.start();
        return exchange.ready(effect.round, this.#model.roots);
      case 'announce-round':
        return exchange.ready(effect.round, this.#model.roots);
      case 'fetch-lease':
        return await this.#fetchLease(effect.rank);
      case 'release-lease':
        return await leases.release(effect.shard.leaseId);
      case 'complete-lease':
        return await leases.complete(effect.shard.leaseId);
      case 'reclaim-leases':
        return void (await leases.reclaim(effect.workerId).catch(() => undefined));
      case 'compute-lanes':
        return await this.#rounds.compute(effect.lanes, effect.round);
      case 'push-node':
        return this.#rounds.push(effect.round, effect.node);
      case 'hand-in':
        return this.#rounds.handIn(effect.round, effect.lanes);
      case 'apply-root':
        return await this.#rounds.applyRoot(effect.round);
      case 'checkpoint':
        return await work.save(effect.round);
      case 'finish':
        return await work.finish(effect.round, this.#closing.signal);
      case 'leave':
        return await this.#leave(effect.drain, effect.isLeader);
    }
  }

  async #requestState(): Promise<void> {
    const { exchange, work, logger } = this.#setup;
    while (!this.#isClosed && this.#model.phase === 'syncing') {
      try {
        const { hasState, round } = this.#model;
        const snapshot = await exchange.requestState(hasState ? { newerThan: round } : {});
        if (snapshot === null) return this.#dispatch({ kind: 'state-not-newer' });
        await work.restore(snapshot);
        return this.#dispatch({ kind: 'state-loaded', round: snapshot.round, numRounds: work.numRounds });
      } catch (error) {
        if (!(error instanceof RecoverableError)) throw error;
        logger.info({ reason: error.message }, 'state-not-available');
        await delay(RETRY_MS * 3);
        this.#dispatch({ kind: 'state-unavailable' });
      }
    }
  }

  async #fetchLease(rank: number): Promise<void> {
    const { leases } = this.#setup;
    if (rank > 0) await delay(rank * 5);
    const lease = await leases.fetch().catch(() => null);
    if (this.#isClosed || this.#model.phase !== 'training') {
      if (lease) await leases.release(lease.leaseId);
    } else if (lease) {
      const { lane, firstRound, numRounds } = lease.shard;
      const isAhead = firstRound > this.#model.round;
      const shard = { leaseId: lease.leaseId, lane, firstRound, endRound: firstRound + numRounds };
      this.#dispatch({ kind: 'lease-granted', shard });
      // A shard ahead of us went straight back: give the one we wait for time to be reclaimed.
      if (isAhead) await delay(RETRY_MS);
    } else {
      this.#dispatch({ kind: 'none-waiting' });
      await delay(RETRY_MS);
    }
    this.#dispatch({ kind: 'fetch-ended' });
  }

  async #leave(drain: DrainKind, isLeader: boolean): Promise<void> {
    const { round } = this.#model;
    const { work, exchange, origin, report } = this.#setup;
    await (isLeader ? work.save(round) : work.settled());
    if (drain === 'pause' && isLeader) report({ kind: 'paused', ...origin, round });
    this.#close();
    await exchange.leave();
    this.#settleLeft();
  }

  #fail(fault: RunFaultError, round: number): void {
    if (this.#isClosed) return;
    const { work, origin, report, logger } = this.#setup;
    const where = work.describe(round);
    const lane = fault.lane === undefined ? '' : `lane ${fault.lane}, `;
    const message = `${lane}${where}: ${fault.message}`;
    logger.error({ message }, 'run-failed');
    const notFinite = fault instanceof NotFiniteError ? { notFinite: where } : {};
    report({ kind: 'failed', ...origin, message: `run ${origin.runId}: ${message}`, ...notFinite });
    void this.abandon();
  }
}

const delay = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
