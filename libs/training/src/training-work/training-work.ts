import {
  roundPosition,
  stepsPerEpoch,
  totalRounds,
  totalSteps,
  type Report,
  type ReportOrigin,
  type RunSpec,
  type ScheduleState,
  type TimelineNumbers,
} from '#contracts';
import { unreadablePolicy } from '#dataset';
import type { StateSnapshot } from '#parameter-server';
import type { VectorLayout } from '#resnet';
import type { CommittedRound, LaneResult, RoundTimings, RoundWork } from '../replica/round-work.js';
import { averageDecayAt } from '../schedule/average-decay.js';
import { learningRateAt } from '../schedule/learning-rate.js';
import { INITIAL_SCHEDULE_STATE, reduceSchedule, type RoundOutcome } from '../schedule/schedule-state.js';
import { CommitLog } from './commit-log.js';
import { LaneComputer } from './lane-computer.js';
import { readEvaluation, readStep } from './read-root.js';
import { describeRound, RunCheckpoints } from './run-checkpoints.js';
import { fromStateSnapshot, toStateSnapshot } from './state-snapshot.js';
import { StepRecorder } from './step-recorder.js';
import type { BatchPort, CheckpointPort, EnginePort, TrainingSnapshot } from './training-ports.js';

export interface TrainingWorkOptions {
  readonly spec: RunSpec;
  readonly numbers: TimelineNumbers;
  readonly layout: VectorLayout;
  readonly engines: EnginePort;
  readonly batches: BatchPort;
  readonly checkpoints: CheckpointPort;
  /** The state that the plan says to begin with. */
  readonly start: () => TrainingSnapshot;
  readonly origin: ReportOrigin;
  readonly report: (report: Report) => void;
}

/** The rounds of training: steps, and an evaluation after each epoch. */
export class TrainingWork implements RoundWork {
  readonly lanes: number;
  readonly numRounds: number;
  readonly #options: TrainingWorkOptions;
  readonly #computer: LaneComputer;
  readonly #log: CommitLog;
  readonly #recorder: StepRecorder;
  readonly #checkpoints: RunCheckpoints;
  /** Of all rounds whose update was given to the engines. */
  #schedule: ScheduleState = INITIAL_SCHEDULE_STATE;
  #isLeader = false;

  constructor(options: TrainingWorkOptions) {
    const { numbers, engines, origin, report } = options;
    this.#options = options;
    this.lanes = numbers.lanes;
    this.numRounds = totalRounds(numbers);
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

  compute(lane: number, round: number): Promise<LaneResult> {
    return this.#computer.compute(lane, round);
  }

  async commit(
    root: Float32Array<ArrayBuffer>,
    round: number,
    readTimings: () => RoundTimings,
  ): Promise<CommittedRound> {
    const { spec, numbers, layout, engines } = this.#options;
    const position = roundPosition(numbers, round);
    if (position.kind === 'evaluate') {
      const evaluation = readEvaluation(root, position, { numClasses: spec.model.numClasses, at: Date.now() });
      this.#takeIn({ ...evaluation, kind: 'evaluate', round });
      return { isCheckpointDue: false, recorded: this.#recorder.evaluation(evaluation) };
    }
    // Read before the engines take the vector.
    const step = readStep(root, layout, position, { numbers, unreadable: unreadablePolicy(spec.dataset) });
    const learningRate = this.#learningRate(position.stepsDone - 1);
    this.#takeIn({ ...step, kind: 'train' });
    const averageDecay = averageDecayAt(spec.regularization, position.stepsDone);
    const hyperparameters = {
      learningRate,
      step: position.stepsDone,
      ...(averageDecay !== undefined && { averageDecay }),
    };
    const { vector, gradientNorm } = await engines.apply(root, hyperparameters);
    const metrics = { ...step, learningRate, gradientNorm, at: Date.now(), ...readTimings() };
    const recorded = this.#recorder.step(metrics, vector);
    return { isCheckpointDue: position.stepsDone % spec.checkpoint.everySteps === 0, recorded };
  }

  async begin(): Promise<number> {
    const snapshot = this.#options.start();
    await this.#take(snapshot);
    return snapshot.round;
  }

  async restore(snapshot: StateSnapshot): Promise<void> {
    await this.#take(fromStateSnapshot(snapshot));
  }

  async snapshot(round: number): Promise<StateSnapshot> {
    // Engines answer in order: an update that is under way is part of what is read, and so of the schedule.
    const schedule = this.#schedule;
    const state = await this.#options.engines.readState();
    return toStateSnapshot({ round, schedule, state, commits: this.#log.memory });
  }

  save(round: number): Promise<void> {
    return this.#checkpoints.write(round, this.#schedule, this.#recorder.flush());
  }

  settled(): Promise<void> {
    return this.#checkpoints.settled();
  }

  /** A run ends with its last checkpoint. */
  async finish(round: number, signal: AbortSignal): Promise<void> {
    const { origin, report } = this.#options;
    await this.#recorder.flush();
    const checkpoint = await this.#checkpoints.finish(round, this.#schedule, signal);
    if (checkpoint === null) return;
    const { step, weightsSha256, directory } = checkpoint;
    report({ kind: 'finished', ...origin, step, weightsSha256, directory });
  }

  follow(isLeader: boolean): void {
    this.#isLeader = isLeader;
    this.#log.flush(isLeader);
  }

  async #take({ state, schedule, commits }: TrainingSnapshot): Promise<void> {
    await this.#options.engines.writeState(state);
    this.#schedule = schedule;
    if (commits) this.#log.learn(commits);
  }

  /** Before anything is waited for: whoever reads the engines' state from now on reads it after this round. */
  #takeIn(outcome: RoundOutcome): void {
    this.#schedule = reduceSchedule(this.#options.spec.optimizer.schedule, this.#schedule, outcome);
  }

  #learningRate(done: number): number {
    const { numbers, spec } = this.#options;
    const steps = { done, perEpoch: stepsPerEpoch(numbers), total: totalSteps(numbers) };
    return learningRateAt(spec.optimizer, steps, this.#schedule);
  }
}
