import type { RunEvent } from '#contracts';
import type { MetricsLine, RunFiles } from '../storage/run-files.js';
import type { RunRecord } from '../storage/run-record.schema.js';
import { EvaluationCommits } from './evaluation-commits.js';
import type { StepOutcome } from './step-series.js';
import { RunWarnings } from './run-warnings.js';
import { TrainingCommits } from './training-commits.js';

/** The long part of a run: what was committed, and its journal. Runs that are over are read from disk when asked for. */
export class RunDetail {
  readonly journal: RunEvent[] = [];
  readonly warnings = new RunWarnings();
  readonly #commits: TrainingCommits | EvaluationCommits;
  /** Rounds done by each incarnation that reported anything. */
  readonly #roundsDone = new Map<number, number>();

  constructor(record: RunRecord) {
    this.#commits = record.kind === 'training' ? new TrainingCommits(record) : new EvaluationCommits(record);
  }

  static async read(record: RunRecord, files: RunFiles): Promise<RunDetail> {
    const detail = new RunDetail(record);
    detail.note(await files.readJournal());
    await files.readMetrics((line) => {
      detail.take(line);
    });
    return detail;
  }

  /** Takes in lines of the journal, in their order. */
  note(events: readonly RunEvent[]): void {
    this.journal.push(...events);
    this.warnings.note(events);
  }

  /** Only of a record that is one of training. */
  get training(): TrainingCommits {
    if (this.#commits instanceof TrainingCommits) return this.#commits;
    throw new Error('bug: an evaluation trains nothing');
  }

  /** Only of a record that is one of an evaluation. */
  get evaluation(): EvaluationCommits {
    if (this.#commits instanceof EvaluationCommits) return this.#commits;
    throw new Error('bug: a run that trains is no evaluation');
  }

  /** Takes in a line of metrics, from a report or from the file. `misplaced`: it belongs to no such round of the run. */
  take(line: MetricsLine): StepOutcome | 'misplaced' {
    if (line.kind === 'progress') return this.#reach(line.incarnation, line.round) ? 'new' : 'same';
    const reached = this.#commits.roundsDoneAfter(line);
    if (reached === null) return 'misplaced';
    this.#reach(line.incarnation, reached);
    return this.#commits.take(line);
  }

  /** Rounds an incarnation is known to have done; 0 where it reported nothing. */
  roundsDoneBy(incarnation: number): number {
    return this.#roundsDone.get(incarnation) ?? 0;
  }

  #reach(incarnation: number, round: number): boolean {
    if (round <= this.roundsDoneBy(incarnation)) return false;
    this.#roundsDone.set(incarnation, round);
    return true;
  }
}
