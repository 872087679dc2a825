import { RunFaultError } from '#contracts';
import type { LaneNode, OpenPush } from '#parameter-server';
import { freeMemory } from '#vectors';
import type { ReplicaEvent } from './replica-model.js';
import type { ReplicaSetup } from './replica-setup.js';
import { RoundClock } from './round-clock.js';
import { keyOf, RoundVectors } from './round-vectors.js';
import type { CommitAlone, CommittedRound, PartialSums } from './round-work.js';

export interface RoundRunnerOptions {
  readonly setup: Pick<ReplicaSetup, 'work' | 'exchange' | 'numEngines' | 'overlap' | 'logger'>;
  /** The index of the round in flight. */
  readonly round: () => number;
  readonly dispatch: (event: ReplicaEvent) => void;
  /** The run cannot go on. */
  readonly onFault: (fault: RunFaultError, round: number) => void;
  readonly onBug: (error: unknown) => void;
}

/** Carries out what a round asks for: lanes computed, sums pushed, the root taken in. */
export class RoundRunner {
  readonly #options: RoundRunnerOptions;
  readonly #vectors = new RoundVectors();
  /** Pushes of the round in flight whose vector comes part by part, by node. */
  readonly #begun = new Map<string, OpenPush>();
  readonly clock = new RoundClock();
  /** In how many parts the last round's sums were pushed while they were computed; 0 before the first. */
  #numParts = 0;

  constructor(options: RoundRunnerOptions) {
    this.#options = options;
  }

  enterRound(round: number): void {
    this.#begun.clear();
    this.#vectors.enterRound(round);
  }

  rootArrived(round: number, vector: Float32Array): void {
    this.#vectors.keepRoot(round, vector);
    if (round === this.#options.round()) this.clock.rootArrived();
  }

  async compute(lanes: readonly number[], round: number): Promise<void> {
    const { setup, dispatch } = this.#options;
    const { work, exchange } = setup;
    this.clock.lanesBegun();
    const commitAlone = lanes.length === work.lanes ? work.commitAlone(round) : null;
    if (commitAlone !== null && exchange.claimRound(round)) return await this.#commitAlone(commitAlone, round);
    const partsOfNodes = new Map<string, number>();
    const part = await this.#faultOrResult(round, work.compute(lanes, round, this.#partialSums(round, partsOfNodes)));
    if (part === null) return;
    this.#noteParts(round, partsOfNodes);
    if (round !== this.#options.round()) {
      for (const { vector } of part.sums) freeMemory(vector);
      return;
    }
    this.clock.lanesComputed(part.dataMs);
    for (const { node, vector } of part.sums) this.#vectors.keepSum(node, vector);
    dispatch({ kind: 'lanes-computed', round, lanes });
  }

  /** Says in how many parts a sum goes, whenever that changes: 1 is one that was known as a whole. */
  #noteParts(round: number, partsOfNodes: ReadonlyMap<string, number>): void {
    const numParts = Math.max(0, ...partsOfNodes.values());
    if (numParts === 0 || numParts === this.#numParts) return;
    this.#numParts = numParts;
    this.#options.setup.logger.info({ round, numParts }, 'sum-in-parts');
  }

  /** Null where nothing is gained by pushing sums part by part. Counts the parts of each node. */
  #partialSums(round: number, partsOfNodes: Map<string, number>): PartialSums | null {
    const { work, exchange, overlap = 'off' } = this.#options.setup;
    const isOverlapped = overlap === 'on' || (overlap === 'auto' && exchange.crossesHosts);
    if (!isOverlapped || work.timedStep(round) === null) return null;
    return {
      part: (node, length, lo, values) => {
        if (round !== this.#options.round()) return;
        const key = keyOf(node);
        const push =
          this.#begun.get(key) ?? exchange.begin(round, node, { length, numRounded: work.numRounded(round) });
        this.#begun.set(key, push);
        const numTold = partsOfNodes.get(key) ?? 0;
        if (numTold === 0) this.#options.dispatch({ kind: 'push-begun', round, node });
        partsOfNodes.set(key, numTold + 1);
        push.fill(lo, values);
      },
    };
  }

  push(round: number, node: LaneNode): void {
    // All of it is on its way.
    if (this.#begun.has(keyOf(node)) && !this.#vectors.hasSum(node)) return;
    const { work, exchange } = this.#options.setup;
    const numRounded = work.numRounded(round);
    exchange.push(round, node, this.#vectors.takeSubtree(node, numRounded), numRounded);
  }

  handIn(round: number, lanes: number): void {
    const { work, exchange, numEngines: engines = 1 } = this.#options.setup;
    if (work.timedStep(round) !== null) exchange.handedIn(round, { lanes, engines, ...this.clock.ownTimes() });
  }

  async applyRoot(round: number): Promise<void> {
    const root = this.#vectors.takeRoot(round);
    await this.#takeIn(
      round,
      this.#options.setup.work.commit(root, round, () => this.clock.read()),
    );
  }

  /** Nobody else is there, and nobody comes in before the exchange is told: the round needs no root. */
  async #commitAlone(commitAlone: CommitAlone, round: number): Promise<void> {
    const { setup, dispatch } = this.#options;
    dispatch({ kind: 'committing-alone', round });
    const committing = commitAlone({
      computed: (dataMs) => {
        this.clock.lanesComputed(dataMs);
        this.clock.rootArrived();
      },
      read: () => this.clock.read(),
    });
    await this.#takeIn(
      round,
      committing.then((committed) => {
        this.handIn(round, setup.work.lanes);
        setup.exchange.committedAlone(round);
        return committed;
      }),
    );
  }

  async #takeIn(round: number, committing: Promise<CommittedRound>): Promise<void> {
    const { setup, dispatch, onBug } = this.#options;
    const committed = await this.#faultOrResult(round, committing);
    if (committed === null) return;
    const { isCheckpointDue, recorded } = committed;
    void recorded.catch(onBug);
    this.clock.start();
    dispatch({ kind: 'applied', round, isCheckpointDue, numRounds: setup.work.numRounds });
  }

  /** Null where the run is at fault. */
  async #faultOrResult<Result>(round: number, working: Promise<Result>): Promise<Result | null> {
    try {
      return await working;
    } catch (error) {
      if (!(error instanceof RunFaultError)) throw error;
      this.#options.onFault(error, round);
      return null;
    }
  }
}
