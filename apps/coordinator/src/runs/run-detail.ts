import {
  roundPosition,
  timelineNumbers,
  totalRounds,
  type Evaluation,
  type EvaluationPart,
  type EvaluationTally,
  type LedgerPage,
  type RunEvent,
  type RunView,
  type StepMetrics,
} from '#contracts';
import type { MetricsLine, RunFiles } from '../storage/run-files.js';
import type { RunRecord } from '../storage/run-record.schema.js';
import { Ledger } from './ledger.js';
import { StepSeries, type StepOutcome } from './step-series.js';

/** The long part of a run: its steps, evaluations and journal. Runs that are over are read from disk when asked for. */
export class RunDetail {
  readonly series = new StepSeries();
  readonly journal: RunEvent[] = [];
  /** Rounds done by each incarnation that reported anything. */
  readonly #roundsDone = new Map<number, number>();
  readonly #evaluationByEpoch = new Map<number, Evaluation>();
  readonly #tallyByRound = new Map<number, EvaluationTally>();
  readonly #ledger: Ledger;
  readonly #numbers;

  constructor(record: RunRecord) {
    this.#numbers = timelineNumbers(record);
    this.#ledger = new Ledger(this.#numbers);
  }

  static async read(record: RunRecord, files: RunFiles): Promise<RunDetail> {
    const detail = new RunDetail(record);
    detail.journal.push(...(await files.readJournal()));
    await files.readMetrics((line) => {
      detail.take(line);
    });
    return detail;
  }

  get evaluations(): Evaluation[] {
    return [...this.#evaluationByEpoch.values()].sort((left, right) => left.epoch - right.epoch);
  }

  /** Takes in a line of metrics, from a report or from the file. `misplaced`: it belongs to no such round of the run. */
  take(line: MetricsLine): StepOutcome | 'misplaced' {
    switch (line.kind) {
      case 'step':
        return this.#takeStep(line.step, line.incarnation);
      case 'evaluation':
        return this.#takeEvaluation(line.evaluation, line.incarnation);
      case 'part':
        return this.#takePart(line.part, line.incarnation);
      case 'progress':
        return this.#reach(line.incarnation, line.round) ? 'new' : 'same';
    }
  }

  /** Rounds an incarnation is known to have done; 0 where it reported nothing. */
  roundsDoneBy(incarnation: number): number {
    return this.#roundsDone.get(incarnation) ?? 0;
  }

  /** Of an evaluation by itself: what was counted, in the order of the rounds. */
  get tallies(): EvaluationTally[] {
    return [...this.#tallyByRound].sort(([left], [right]) => left - right).map(([, tally]) => tally);
  }

  /** Of an evaluation by itself: the first round that nobody has reported; null when there is none. */
  get firstMissingRound(): number | null {
    const end = totalRounds(this.#numbers);
    for (let round = 0; round < end; round += 1) if (!this.#tallyByRound.has(round)) return round;
    return null;
  }

  ledgerView(): RunView['ledger'] {
    return this.#ledger.view(this.series);
  }

  ledgerPage(from: number, limit: number): Pick<LedgerPage, 'steps' | 'lastStep'> {
    return { steps: this.#ledger.steps(this.series, from, limit), lastStep: this.series.lastStep };
  }

  #takeStep(step: StepMetrics, incarnation: number): StepOutcome | 'misplaced' {
    if (step.round >= totalRounds(this.#numbers)) return 'misplaced';
    const position = roundPosition(this.#numbers, step.round);
    if (position.kind !== 'train' || position.stepsDone !== step.step || position.epoch !== step.epoch)
      return 'misplaced';
    this.#reach(incarnation, step.round + 1);
    const before = this.series.samplesOf(step.step);
    const outcome = this.series.put(step);
    if (outcome !== 'same') {
      this.#ledger.recount(step.step, before, { committed: step.samples, leftOut: step.leftOut ?? 0 });
    }
    return outcome;
  }

  #takeEvaluation(evaluation: Evaluation, incarnation: number): StepOutcome | 'misplaced' {
    if (evaluation.epoch >= this.#numbers.epochs) return 'misplaced';
    const roundsOfEpoch = totalRounds(this.#numbers) / this.#numbers.epochs;
    this.#reach(incarnation, (evaluation.epoch + 1) * roundsOfEpoch);
    const held = this.#evaluationByEpoch.get(evaluation.epoch);
    if (held?.loss === evaluation.loss && held.accuracy === evaluation.accuracy) return 'same';
    this.#evaluationByEpoch.set(evaluation.epoch, evaluation);
    return held === undefined ? 'new' : 'differs';
  }

  #takePart({ round, tally }: EvaluationPart, incarnation: number): StepOutcome | 'misplaced' {
    if (round >= totalRounds(this.#numbers) || this.#numbers.numTrainSamples > 0) return 'misplaced';
    this.#reach(incarnation, round + 1);
    const held = this.#tallyByRound.get(round);
    if (held !== undefined) return JSON.stringify(held) === JSON.stringify(tally) ? 'same' : 'differs';
    this.#tallyByRound.set(round, tally);
    return 'new';
  }

  #reach(incarnation: number, round: number): boolean {
    if (round <= this.roundsDoneBy(incarnation)) return false;
    this.#roundsDone.set(incarnation, round);
    return true;
  }
}
