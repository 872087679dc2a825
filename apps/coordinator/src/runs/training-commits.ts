import {
  roundPosition,
  stepsPerEpoch,
  totalRounds,
  trainingTimeline,
  type Evaluation,
  type LedgerPage,
  type RunView,
  type StepMetrics,
} from '#contracts';
import type { MetricsLine } from '../storage/run-files.js';
import type { TrainingRecord } from '../storage/run-record.schema.js';
import { Ledger, type LedgerState } from './ledger.js';
import { StepSeries, type StepOutcome } from './step-series.js';

/** All that a run has committed but its steps, which lie in the series' files. */
export interface TrainingState {
  readonly lastStep: number;
  readonly ledger: LedgerState;
  readonly evaluations: Evaluation[];
}

/** What a run has committed: steps, and evaluations after its epochs. */
export class TrainingCommits {
  readonly series: StepSeries;
  readonly #evaluationByEpoch = new Map<number, Evaluation>();
  readonly #ledger: Ledger;
  readonly #numbers;

  /** `folder`: where the steps lie in columns; null keeps them in memory. */
  constructor(record: TrainingRecord, folder: string | null) {
    this.series = new StepSeries(folder);
    this.#numbers = trainingTimeline(record);
    this.#ledger = new Ledger(this.#numbers);
  }

  state(): TrainingState {
    const { lastStep } = this.series;
    return { lastStep, ledger: this.#ledger.state(this.series), evaluations: this.evaluations };
  }

  /** Goes on from what was saved. Throws DamagedStoreError. */
  resume({ lastStep, ledger, evaluations }: TrainingState): void {
    this.series.resume(lastStep);
    this.#ledger.resume(ledger, this.series);
    for (const evaluation of evaluations) this.#evaluationByEpoch.set(evaluation.epoch, evaluation);
  }

  /** By epoch. */
  get evaluations(): Evaluation[] {
    return [...this.#evaluationByEpoch.values()].sort((left, right) => left.epoch - right.epoch);
  }

  /** Rounds done once what a line tells was committed; null where it belongs to no such round of the run. */
  roundsDoneAfter(line: MetricsLine): number | null {
    switch (line.kind) {
      case 'step':
        return this.#isStep(line.step) ? line.step.round + 1 : null;
      case 'evaluation': {
        const { epoch } = line.evaluation;
        return epoch < this.#numbers.epochs ? (epoch + 1) * (stepsPerEpoch(this.#numbers) + 1) : null;
      }
      case 'part':
      case 'progress':
        return null;
    }
  }

  take(line: MetricsLine): StepOutcome {
    if (line.kind === 'step') return this.#takeStep(line.step);
    if (line.kind === 'evaluation') return this.#takeEvaluation(line.evaluation);
    throw new Error(`bug: a run has no ${line.kind}`);
  }

  ledgerView(): RunView['ledger'] {
    return this.#ledger.view(this.series);
  }

  ledgerPage(from: number, limit: number): Pick<LedgerPage, 'steps' | 'lastStep'> {
    return { steps: this.#ledger.steps(this.series, from, limit), lastStep: this.series.lastStep };
  }

  #isStep({ round, step, epoch }: StepMetrics): boolean {
    if (round >= totalRounds(this.#numbers)) return false;
    const position = roundPosition(this.#numbers, round);
    return position.kind === 'train' && position.stepsDone === step && position.epoch === epoch;
  }

  #takeStep(step: StepMetrics): StepOutcome {
    const before = this.series.samplesOf(step.step);
    const outcome = this.series.put(step);
    if (outcome !== 'same') {
      const now = { committed: step.samples, leftOut: step.leftOut ?? 0 };
      this.#ledger.recount(this.series, step.step, { before, now });
    }
    return outcome;
  }

  #takeEvaluation(evaluation: Evaluation): StepOutcome {
    const held = this.#evaluationByEpoch.get(evaluation.epoch);
    if (held?.loss === evaluation.loss && held.accuracy === evaluation.accuracy) return 'same';
    this.#evaluationByEpoch.set(evaluation.epoch, evaluation);
    return held === undefined ? 'new' : 'differs';
  }
}
