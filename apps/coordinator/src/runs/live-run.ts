import {
  classNamesOf,
  evaluationResult,
  mergeTallies,
  TERMINAL_STATES,
  type RunEvent,
  type StepMetrics,
  type WorkerTimes,
} from '#contracts';
import type { MetricsLine, RecordStamp, RunFiles } from '../storage/run-files.js';
import type { EvaluationRecord, RunRecord, TrainingRecord } from '../storage/run-record.schema.js';
import { DamagedStoreError } from '../step-store/block-file.js';
import { HeldDetail } from './held-detail.js';
import type { RunDetail } from './run-detail.js';
import { metricsLines, type CommitReport } from './commit-lines.js';
import { takeLines } from './take-lines.js';
import { stragglerLines } from './straggler-lines.js';
import type { JournalEntry, RunHappening } from './run-events.js';
import { RunFeed } from './run-feed.js';
import { summarized, withWarnings } from './record-summary.js';
import { reduceRun } from './run-reducer.js';

/** A run that trains. */
export type TrainingRun = LiveRun & { readonly record: TrainingRecord };
/** An evaluation, which is in the coordinator's hands as a run is. */
export type EvaluationRun = LiveRun & { readonly record: EvaluationRecord };

export const isTraining = (run: LiveRun): run is TrainingRun => run.record.kind === 'training';
export const isEvaluation = (run: LiveRun): run is EvaluationRun => run.record.kind === 'evaluation';

/** Is told that the record is on disk as it is now. `stamp`: of its file, where that could be looked at. */
export type OnSaved = (run: LiveRun, stamp: RecordStamp | undefined) => void;

/**
 * A run or an evaluation in the hands of the coordinator: its record, what was reported of it, and its folder. All that changes it
 * passes through `dispatch` and `commit`, which put it on disk.
 */
export class LiveRun {
  #current: RunRecord;
  readonly #files: RunFiles;
  readonly #clock: () => number;
  readonly #onSaved: OnSaved;
  readonly feed = new RunFeed();
  /** When the incarnation last got further, by `performance.now`. */
  lastProgressAt = performance.now();
  /** Since when the run has been in its state, as far as this process knows, by `performance.now`. */
  stateSince = performance.now();
  #heldReport: readonly WorkerTimes[] = [];
  /** What was committed, and the journal. */
  readonly detail: HeldDetail;
  /** How far metrics.jsonl says the incarnation has got. */
  #writtenRound = 0;
  /** What changes the record comes one after the other: each sees the record as the one before has put it on disk. */
  #changing: Promise<unknown> = Promise.resolve();
  #settling: Promise<void> | undefined;

  private constructor(current: RunRecord, files: RunFiles, clock: () => number, onSaved: OnSaved = () => undefined) {
    this.#current = current;
    this.#files = files;
    this.#clock = clock;
    this.#onSaved = onSaved;
    this.detail = new HeldDetail(files, () => this.#current);
  }

  /** Writes the record of a new run, whose metrics may say what it is taken to have committed. */
  static async create(record: RunRecord, files: RunFiles, clock: () => number, onSaved?: OnSaved): Promise<LiveRun> {
    const run = new LiveRun(record, files, clock, onSaved);
    await run.detail.open();
    run.#append([
      { at: record.createdAt, level: 'info', topic: 'submitted', message: `submitted: ${record.spec.name}` },
    ]);
    // The record comes last: it makes the run one.
    await files.close();
    await files.saveRecord(record);
    return run;
  }

  static async load(record: RunRecord, files: RunFiles, clock: () => number, onSaved?: OnSaved): Promise<LiveRun> {
    const run = new LiveRun(await withWarnings(record, files), files, clock, onSaved);
    if (run.isOver && (record.kind === 'evaluation' || record.summary !== null)) return run;
    await run.#openedDetail();
    // On a full disk it is tried again later.
    await run.settle().catch(() => undefined);
    return run;
  }

  get record(): RunRecord {
    return this.#current;
  }

  get id(): string {
    return this.#current.id;
  }

  get isOver(): boolean {
    return TERMINAL_STATES.includes(this.#current.state);
  }

  /** The detail, if it is in memory: always while the run is not over. */
  get loadedDetail(): RunDetail | undefined {
    return this.detail.loaded;
  }

  /** Rounds known to be done when the current incarnation goes on: its start and what it reported since. */
  get roundsDone(): number {
    return Math.max(this.#current.start.round, this.detail.loaded?.roundsDoneBy(this.#current.incarnation) ?? 0);
  }

  /** How fast the workers of the current incarnation were when last heard of. */
  get stragglerReport(): readonly WorkerTimes[] {
    const { state, assigned } = this.#current;
    if (state !== 'running') return [];
    return this.#heldReport.filter(({ workerId }) => assigned.some((one) => one.workerId === workerId));
  }

  get hasProgress(): boolean {
    return this.#current.incarnation > 0 && this.roundsDone > this.#current.start.round;
  }

  /**
   * Lets something happen to the run; resolves with whether it changed anything, once that is on disk. Throws where it
   * cannot be put there: then it has not happened.
   */
  async dispatch(happening: RunHappening): Promise<boolean> {
    return await this.#inTurn(() => this.#carryOut(happening));
  }

  async #carryOut(happening: RunHappening): Promise<boolean> {
    const before = this.#current;
    const reduced = reduceRun(before, happening);
    if (reduced.record === before && reduced.journal.length === 0) return false;
    // A run that has let go of its journal opens it once more.
    if (reduced.journal.length > 0) await this.#openedDetail();
    const record = summarized(reduced.record, this.detail.loaded, this.#clock());
    // Why a run waits is found anew by every look: it would cost a write of every run that waits.
    const isWritten = happening.kind !== 'kept-waiting';
    if (isWritten) {
      // The record says no more than the files it goes with: of a checkpoint's steps none may be lost once it is known.
      await this.#files.sync();
      await this.#save(record);
    } else this.#current = record;
    if (record.incarnation !== before.incarnation) {
      this.lastProgressAt = performance.now();
      this.#writtenRound = 0;
      this.#heldReport = [];
    }
    if (record.state !== before.state) this.stateSince = performance.now();
    this.#append(reduced.journal);
    this.feed.touch();
    // It has happened: lines that find no room now are written by a later sync.
    if (isWritten) await this.#files.sync().catch(() => undefined);
    return true;
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const turn = this.#changing.then(change);
    this.#changing = turn.catch(() => undefined);
    return turn;
  }

  /**
   * Takes in what a worker says was committed. Facts count whatever incarnation they come from, and however late: of a
   * run that is over they are sent again where Redis lost them, or are read by a coordinator that was away.
   */
  async commit(report: CommitReport): Promise<void> {
    const detail = await this.#openedDetail();
    try {
      await this.#commit(report, detail);
    } catch (error) {
      if (!(error instanceof DamagedStoreError)) throw error;
      // Lines that were taken in before the damage was found are the same the second time.
      await this.#commit(report, await this.detail.mended());
    }
  }

  async #commit(report: CommitReport, detail: RunDetail): Promise<void> {
    const doneBefore = this.roundsDone;
    const { workerId } = report;
    const { fresh, entries, fault } = takeLines(detail, metricsLines(report), { workerId, at: this.#clock() });
    this.#files.appendMetrics(fresh);
    this.#append(entries);
    if (fault !== undefined) throw fault;
    if (fresh.length > 0) this.#writtenRound = Math.max(this.#writtenRound, this.roundsDone);
    this.feed.committed(fresh.flatMap((line): StepMetrics[] => (line.kind === 'step' ? [line.step] : [])));
    if (this.roundsDone > doneBefore) {
      this.lastProgressAt = performance.now();
      await this.dispatch({ kind: 'progressed', at: this.#clock() });
    }
    if (this.#current.kind === 'evaluation' && detail.evaluation.firstMissingRound === null) {
      const result = evaluationResult(mergeTallies(detail.evaluation.tallies), classNamesOf(this.#current.dataset));
      await this.dispatch({ kind: 'evaluated', at: this.#clock(), result });
    }
  }

  /** Learns from a heartbeat how far the incarnation is, which after a restart the coordinator may not know. */
  async reached(round: number): Promise<void> {
    const line: MetricsLine = { kind: 'progress', incarnation: this.#current.incarnation, round };
    if (round <= this.#current.start.round || this.detail.loaded?.take(line) !== 'new') return;
    this.lastProgressAt = performance.now();
    await this.dispatch({ kind: 'progressed', at: this.#clock() });
  }

  /** Takes in how fast the workers are; tells who is slow. */
  stragglersReported(workers: readonly WorkerTimes[], at: number): void {
    const lines = stragglerLines(this.#heldReport, workers, at);
    this.#heldReport = workers;
    if (lines.length > 0) this.#append(lines);
    else this.feed.touch();
  }

  /** Adds a line to the journal. Default of `at`: now. */
  note(entry: Omit<JournalEntry, 'at'> & { readonly at?: number }): void {
    this.#append([{ at: this.#clock(), ...entry }]);
  }

  /** Length of what was taken in and is not surely on disk. */
  get unsaved(): number {
    return this.#files.unsaved;
  }

  /** It is over, all of it is on disk, and nobody follows it. */
  get isIdle(): boolean {
    return this.isOver && this.detail.isAway && this.feed.numFollowers === 0 && this.unsaved === 0;
  }

  /** Puts all that was taken in on disk. Files are kept open only while workers serve the run. */
  async sync(): Promise<void> {
    if (this.hasProgress && !this.isOver && this.roundsDone > this.#writtenRound) {
      this.#writtenRound = this.roundsDone;
      this.#files.appendMetrics([
        { kind: 'progress', incarnation: this.#current.incarnation, round: this.#writtenRound },
      ]);
    }
    const { state } = this.#current;
    const isServed = state === 'running' || state === 'pausing';
    if (isServed) await this.#files.sync();
    await this.detail.loaded?.save(this.#files, { onlyIfDue: isServed });
    if (!isServed) await this.#files.close();
  }

  /** Writes the summary of a run that is over and lets its detail go. */
  async settle(): Promise<void> {
    if (!this.isOver || this.detail.loaded === undefined || this.feed.numFollowers > 0) return;
    const heldDetail = this.detail.loaded;
    this.#settling ??= this.#inTurn(() => this.#letGo(heldDetail)).finally(() => {
      this.#settling = undefined;
    });
    await this.#settling;
  }

  /** Gives its folder up: the run is deleted, and nothing may happen to it any more. */
  async bury(): Promise<void> {
    await this.#inTurn(() => this.#files.bury());
    this.feed.end();
  }

  async close(): Promise<void> {
    this.feed.end();
    await this.#changing;
    if (this.detail.loaded) await this.sync();
    await this.detail.loaded?.save(this.#files);
    await this.#files.close();
  }

  async #letGo(detail: RunDetail): Promise<void> {
    await this.#save(summarized(this.#current, detail, this.#clock()));
    await detail.save(this.#files);
    await this.#files.close();
    this.detail.letGo();
  }

  async #save(record: RunRecord): Promise<void> {
    const stamp = await this.#files.saveRecord(record);
    this.#current = record;
    this.#onSaved(this, stamp);
  }

  /** The detail in memory and the files open, once more where the run has let go of them. */
  async #openedDetail(): Promise<RunDetail> {
    // What could not be let go of is still there.
    await this.#settling?.catch(() => undefined);
    return await this.detail.open();
  }

  #append(entries: readonly JournalEntry[]): void {
    const heldDetail = this.detail.loaded;
    if (heldDetail === undefined || entries.length === 0) return;
    const { lastId } = heldDetail.journal;
    const events: RunEvent[] = entries.map((entry, index) => ({ id: lastId + 1 + index, ...entry }));
    heldDetail.journal.note(events);
    this.#files.appendJournal(events);
    this.feed.journal(events);
  }
}
