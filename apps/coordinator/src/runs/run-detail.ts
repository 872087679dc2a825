import { diskTrouble } from '#files';
import type { DetailState } from '../storage/detail-snapshot.js';
import type { MetricsLine, RunFiles } from '../storage/run-files.js';
import type { RunRecord } from '../storage/run-record.schema.js';
import { DamagedStoreError } from '../step-store/block-file.js';
import { EvaluationCommits } from './evaluation-commits.js';
import { RATE_STEPS } from './run-progress.js';
import { RunJournal } from './run-journal.js';
import type { StepOutcome } from './step-series.js';
import { TrainingCommits } from './training-commits.js';

/** Blocks of sixteen steps that may be in memory alone. */
const MOST_UNSAVED_BLOCKS = 256;
/** A crash makes the next start read so much of metrics.jsonl at most. */
const SAVE_AFTER_MS = 10_000;

/**
 * The long part of a run: what was committed, and its journal. Steps lie in columns on disk, and a snapshot tells what else
 * there is: to read it costs the lines since then. Runs that are over are read when asked for.
 */
export class RunDetail {
  readonly journal = new RunJournal();
  readonly #commits: TrainingCommits | EvaluationCommits;
  /** Rounds done by each incarnation that reported anything. */
  readonly #roundsDone = new Map<number, number>();
  #hasNews = false;
  #savedAt = performance.now();
  #saving: Promise<void> = Promise.resolve();

  /** Default of `folder`: steps stay in memory. */
  constructor(record: RunRecord, folder: string | null = null) {
    this.#commits = record.kind === 'training' ? new TrainingCommits(record, folder) : new EvaluationCommits(record);
  }

  /** `isWhole`: from the first line on, whatever is derived of them. */
  static async read(record: RunRecord, files: RunFiles, isWhole = false): Promise<RunDetail> {
    const snapshot = record.kind === 'training' && !isWhole ? await files.snapshot.read() : undefined;
    try {
      if (snapshot === undefined) await files.snapshot.clear();
      const detail = new RunDetail(record, files.snapshot.folder);
      if (snapshot !== undefined) detail.#resume(snapshot);
      await files.readJournal((event) => detail.journal.note([event]), snapshot?.ends.journal);
      await files.readMetrics((line) => detail.#takeOld(line), snapshot?.ends.metrics);
      if (detail.#numUnsavedBlocks > 0) await detail.#unlessDiskFails(() => detail.save(files));
      return detail;
    } catch (error) {
      if (snapshot === undefined || !(error instanceof DamagedStoreError)) throw error;
      return await RunDetail.read(record, files, true);
    }
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
    this.#hasNews = true;
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

  /**
   * Puts the steps and a snapshot on disk, if there is news and it is time. Journal and metrics go there first: nothing
   * derived knows of a line that a crash takes away.
   */
  async save(files: RunFiles, { onlyIfDue = false } = {}): Promise<void> {
    const isDue = this.#numUnsavedBlocks >= MOST_UNSAVED_BLOCKS || performance.now() - this.#savedAt >= SAVE_AFTER_MS;
    if (!this.#hasNews || (onlyIfDue && !isDue)) return;
    this.#saving = this.#saving.catch(() => undefined).then(() => this.#save(files));
    await this.#saving;
  }

  async #save(files: RunFiles): Promise<void> {
    if (!(this.#commits instanceof TrainingCommits)) return;
    if (files.ends === undefined) await files.sync();
    const { ends } = files;
    if (ends === undefined) return;
    const { series } = this.#commits;
    const state: DetailState = {
      training: this.#commits.state(),
      lastEventId: this.journal.lastId,
      warnings: this.journal.warnings.view(),
      roundsDone: [...this.#roundsDone],
    };
    const { changesSaved } = series;
    const write = series.copied();
    this.#hasNews = false;
    try {
      await files.sync();
      if (changesSaved) await files.snapshot.drop();
      await write();
      await files.snapshot.write(state, ends);
    } catch (error) {
      this.#hasNews = true;
      throw error;
    }
    this.#savedAt = performance.now();
    this.journal.trim();
  }

  /** Throws DamagedStoreError. */
  #resume({ training, lastEventId, warnings, roundsDone }: DetailState): void {
    this.training.resume(training);
    this.journal.resume(lastEventId, warnings);
    for (const [incarnation, rounds] of roundsDone) this.#roundsDone.set(incarnation, rounds);
    // What a run is shown by, so that damage there is found while it can still be mended.
    this.training.series.rows(training.lastStep - RATE_STEPS, training.lastStep);
  }

  /** Of a file that is read: keeps the memory small while it is long. */
  #takeOld(line: MetricsLine): Promise<void> | void {
    this.take(line);
    if (this.#numUnsavedBlocks < 16 * MOST_UNSAVED_BLOCKS || !(this.#commits instanceof TrainingCommits)) return;
    this.#commits.ledgerView();
    return this.#unlessDiskFails(this.#commits.series.copied());
  }

  /** What finds no room stays in memory. */
  async #unlessDiskFails(write: () => Promise<void>): Promise<void> {
    await write().catch((error: unknown) => {
      if (diskTrouble(error) === undefined) throw error;
    });
  }

  get #numUnsavedBlocks(): number {
    return this.#commits instanceof TrainingCommits ? this.#commits.series.numUnsavedBlocks : 0;
  }

  #reach(incarnation: number, round: number): boolean {
    if (round <= this.roundsDoneBy(incarnation)) return false;
    this.#roundsDone.set(incarnation, round);
    return true;
  }
}
