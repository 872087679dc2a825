import {
  INITIAL_VALIDATION_STATE,
  roundPosition,
  stepsPerEpoch,
  totalRounds,
  totalSteps,
  type Evaluation,
  type Report,
  type ReportOrigin,
  type RoundPosition,
  type RunSpec,
  type StepMetrics,
  type TimelineNumbers,
} from '#contracts';
import { unreadablePolicy } from '#dataset';
import { scalarsOf, type UpdateHyperparameters } from '#engine';
import type { StateSnapshot } from '#parameter-server';
import type { VectorLayout } from '#resnet';
import type {
  CommitAlone,
  CommittedRound,
  PartialSums,
  RoundPart,
  RoundProgress,
  RoundTimings,
  RoundWork,
} from '../replica/round-work.js';
import { averageDecayAt } from '../schedule/average-decay.js';
import { learningRateAt } from '../schedule/learning-rate.js';
import { INITIAL_SCHEDULE_STATE, reduceSchedule, type RoundOutcome } from '../schedule/schedule-state.js';
import { reduceValidation } from '../validation/validation-state.js';
import { CommitLog } from './commit-log.js';
import { LaneComputer } from './lane-computer.js';
import { readEvaluation, readStep, type StepSums } from './read-root.js';
import { describeRound, RunCheckpoints } from './run-checkpoints.js';
import { fromStateSnapshot, toStateSnapshot } from './state-snapshot.js';
import { StepRecorder } from './step-recorder.js';
import type { BatchPort, CheckpointPort, EnginePort, RoundMemory, TrainingSnapshot } from './training-ports.js';

export interface TrainingWorkOptions {
  readonly spec: RunSpec;
  readonly numbers: TimelineNumbers;
  readonly layout: VectorLayout;
  readonly engines: EnginePort;
  readonly batches: BatchPort;
  readonly checkpoints: CheckpointPort;
  /** The state that the plan says to begin with. */
  readonly start: () => TrainingSnapshot | Promise<TrainingSnapshot>;
  readonly origin: ReportOrigin;
  readonly report: (report: Report) => void;
}

/** The rounds of training: steps, and an evaluation after each epoch. */
export class TrainingWork implements RoundWork {
  readonly lanes: number;
  readonly #options: TrainingWorkOptions;
  readonly #computer: LaneComputer;
  readonly #log: CommitLog;
  readonly #recorder: StepRecorder;
  readonly #checkpoints: RunCheckpoints;
  /** Of all rounds whose update was given to the engines. */
  #memory: RoundMemory = { schedule: INITIAL_SCHEDULE_STATE, validation: INITIAL_VALIDATION_STATE };
  /** The step that is being trained in one go: what it shows is not known before it is over. */
  #training: Promise<CommittedRound> | null = null;
  #isLeader = false;

  constructor(options: TrainingWorkOptions) {
    const { numbers, engines, origin, report } = options;
    this.#options = options;
    this.lanes = numbers.lanes;
    this.#computer = new LaneComputer({ ...options, vectorLength: options.layout.vectorLength });
    this.#log = new CommitLog({
      steps: (steps) => report({ kind: 'steps', ...origin, steps: [...steps] }),
      evaluation: (evaluation) => report({ kind: 'evaluation', ...origin, evaluation }),
    });
    this.#recorder = new StepRecorder(this.#log, () => this.#isLeader);
    this.#checkpoints = new RunCheckpoints({
      numbers,
      engines,
      files: options.checkpoints,
      commits: () => this.#log.memory,
      onWritten: (checkpoint) => report({ kind: 'checkpoint', ...origin, checkpoint }),
      onFault: (message) =>
        report({ kind: 'note', ...origin, level: 'error', topic: 'checkpoint', message, at: Date.now() }),
    });
  }

  get numRounds(): number {
    const { stopped, round } = this.#memory.validation;
    return stopped === null ? totalRounds(this.#options.numbers) : round;
  }

  describe(round: number): string {
    return describeRound(this.#options.numbers, round);
  }

  /** Evaluations are not timed: they say little of the steps. */
  timedStep(round: number): number | null {
    const { kind, stepsDone } = roundPosition(this.#options.numbers, round);
    return kind === 'train' ? stepsDone : null;
  }

  /** The gradients of a step on a 16-bit wire; statistics, loss and counts behind them travel as they are. */
  numRounded(round: number): number {
    const { spec, numbers, layout } = this.#options;
    const isStep = roundPosition(numbers, round).kind === 'train';
    return isStep && spec.wire === 'bf16' ? layout.numTrained : 0;
  }

  compute(lanes: readonly number[], round: number, partial: PartialSums | null): Promise<RoundPart> {
    return this.#computer.compute(lanes, round, { numRounded: this.numRounded(round), partial });
  }

  /** A step. The vectors of an evaluation are four numbers. */
  commitAlone(round: number): CommitAlone | null {
    const position = roundPosition(this.#options.numbers, round);
    if (!this.#options.engines.trains || position.kind === 'evaluate') return null;
    return async (progress) => {
      this.#training = this.#train(position, progress);
      return await this.#training;
    };
  }

  async commit(root: Float32Array, round: number, readTimings: () => RoundTimings): Promise<CommittedRound> {
    const { spec, numbers, layout, engines } = this.#options;
    const position = roundPosition(numbers, round);
    if (position.kind === 'evaluate') {
      const evaluation = readEvaluation(root, position, { numClasses: spec.model.numClasses, at: Date.now() });
      this.#takeIn({ ...evaluation, kind: 'evaluate', round });
      this.#judge(round, evaluation);
      // The end of the run has a checkpoint anyway.
      const isCheckpointDue = this.#isKeptAsBest(evaluation) && round + 1 < this.numRounds;
      return { isCheckpointDue, recorded: this.#recorder.evaluation(evaluation) };
    }
    // Read before the engine takes the vector.
    const step = this.#readStep(scalarsOf(root, layout), position);
    const hyperparameters = this.#hyperparameters(position);
    this.#takeIn({ ...step, kind: 'train' });
    const { vector, gradientNorm } = await engines.apply(root, hyperparameters);
    return this.#record({ ...step, gradientNorm, hyperparameters, ...readTimings() }, vector);
  }

  async #train(position: RoundPosition, { computed, read }: RoundProgress): Promise<CommittedRound> {
    const { numbers, engines } = this.#options;
    const lanes = Array.from({ length: numbers.lanes }, (_, lane) => lane);
    try {
      const { trees, options, dataMs } = await this.#computer.load(lanes, position, this.numRounded(position.round));
      const [tree = null] = trees;
      const hyperparameters = this.#hyperparameters(position);
      const { gradientNorm, digest, ...sums } = await engines.train(tree, options, hyperparameters);
      computed(dataMs);
      const step = this.#readStep(sums, position);
      this.#takeIn({ ...step, kind: 'train' });
      return this.#record({ ...step, gradientNorm, hyperparameters, ...read() }, digest);
    } finally {
      this.#training = null;
    }
  }

  #readStep(sums: StepSums, position: RoundPosition): ReturnType<typeof readStep> {
    const { spec, numbers } = this.#options;
    return readStep(sums, position, { numbers, unreadable: unreadablePolicy(spec.dataset) });
  }

  /** As the rounds before the step have it. */
  #hyperparameters({ stepsDone }: RoundPosition): UpdateHyperparameters {
    const averageDecay = averageDecayAt(this.#options.spec.regularization, stepsDone);
    return {
      learningRate: this.#learningRate(stepsDone - 1),
      step: stepsDone,
      ...(averageDecay !== undefined && { averageDecay }),
    };
  }

  #record(
    {
      hyperparameters,
      ...step
    }: Omit<StepMetrics, 'digest' | 'learningRate' | 'at'> & {
      readonly hyperparameters: UpdateHyperparameters;
    },
    root: Float32Array | string,
  ): CommittedRound {
    const { learningRate } = hyperparameters;
    const recorded = this.#recorder.step({ ...step, learningRate, at: Date.now() }, root);
    return { isCheckpointDue: step.step % this.#options.spec.checkpoint.everySteps === 0, recorded };
  }

  async begin(): Promise<number> {
    const snapshot = await this.#options.start();
    await this.#take(snapshot);
    return snapshot.round;
  }

  async restore(snapshot: StateSnapshot): Promise<void> {
    await this.#take(fromStateSnapshot(snapshot));
  }

  snapshot(round: number): Promise<StateSnapshot> {
    // In the turn in which that step is over, before the engine is given the next one.
    return this.#training === null ? this.#snapshotNow(round) : this.#training.then(() => this.#snapshotNow(round));
  }

  async #snapshotNow(round: number): Promise<StateSnapshot> {
    // The engine answers in order: an update that is under way is part of what is read, and so of the memory.
    const memory = this.#memory;
    const state = await this.#options.engines.readState();
    return toStateSnapshot({ ...memory, round, state, commits: this.#log.memory });
  }

  save(round: number): Promise<void> {
    return this.#checkpoints.write(round, this.#memory, this.#recorder.flush());
  }

  settled(): Promise<void> {
    return this.#checkpoints.settled();
  }

  /** A run ends with its last checkpoint. */
  async finish(round: number, signal: AbortSignal): Promise<void> {
    const { origin, report } = this.#options;
    await this.#recorder.flush();
    const checkpoint = await this.#checkpoints.finish(round, this.#memory, signal);
    if (checkpoint === null) return;
    const { step, weightsSha256, directory } = checkpoint;
    const { stopped } = this.#memory.validation;
    report({ kind: 'finished', ...origin, step, weightsSha256, directory, ...(stopped && { stopped }) });
  }

  follow(isLeader: boolean): void {
    this.#isLeader = isLeader;
    this.#log.flush(isLeader);
  }

  async #take({ state, schedule, validation, commits }: TrainingSnapshot): Promise<void> {
    await this.#options.engines.writeState(state);
    this.#memory = { schedule, validation };
    if (commits) this.#log.learn(commits);
  }

  /** Before anything is waited for: whoever reads the engines' state from now on reads it after this round. */
  #takeIn(outcome: RoundOutcome): void {
    const { schedule } = this.#options.spec.optimizer;
    this.#memory = { ...this.#memory, schedule: reduceSchedule(schedule, this.#memory.schedule, outcome) };
  }

  #judge(round: number, evaluation: Evaluation): void {
    const { spec, numbers } = this.#options;
    const isLast = round + 1 === totalRounds(numbers);
    const validation = reduceValidation(spec, this.#memory.validation, { round, evaluation, isLast });
    this.#memory = { ...this.#memory, validation };
  }

  #isKeptAsBest({ step }: Evaluation): boolean {
    return this.#options.spec.checkpoint.keep === 'best' && this.#memory.validation.best?.step === step;
  }

  #learningRate(done: number): number {
    const { numbers, spec } = this.#options;
    const steps = { done, perEpoch: stepsPerEpoch(numbers), total: totalSteps(numbers) };
    return learningRateAt(spec.optimizer, steps, this.#memory.schedule);
  }
}
