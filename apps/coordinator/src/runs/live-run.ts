import {
  classNamesOf,
  evaluationResult,
  mergeTallies,
  TERMINAL_STATES,
  type Evaluation,
  type Report,
  type RunEvent,
  type StepMetrics,
  type WorkerPace,
} from '#contracts';
import type { RunFiles, MetricsLine } from '../record/run-files.js';
import type { RunRecord } from '../record/run-record.schema.js';
import { RunDetail } from './run-detail.js';
import { paceLines } from './pace-lines.js';
import type { JournalEntry, RunHappening } from './run-events.js';
import { RunFeed } from './run-feed.js';
import { runProgress } from './run-progress.js';
import { reduceRun } from './run-reducer.js';

/**
 * A run in the hands of the coordinator: its record, what was reported of it, and its folder. All that changes it
 * passes through `dispatch` and `commit`, which put it on disk.
 */
export class LiveRun {
  readonly feed = new RunFeed();
  /** When the incarnation last got further, by the coordinator's clock. */
  lastProgressAt: number;
  private heldPace: readonly WorkerPace[] = [];
  private heldDetail: RunDetail | undefined;
  /** The record as it was last on disk. */
  private saved: RunRecord;
  /** How far metrics.jsonl says the incarnation has got. */
  private writtenRound = 0;
  /** Letting the detail go, while that is under way. */
  private settling: Promise<void> | undefined;

  private constructor(
    private current: RunRecord,
    private readonly files: RunFiles,
    private readonly clock: () => number,
  ) {
    this.lastProgressAt = clock();
    this.saved = current;
  }

  /** Writes the record of a new run. */
  static async create(record: RunRecord, files: RunFiles, clock: () => number): Promise<LiveRun> {
    const run = new LiveRun(record, files, clock);
    run.heldDetail = new RunDetail(record);
    run.append([
      { at: record.createdAt, level: 'info', topic: 'submitted', message: `submitted: ${record.spec.name}` },
    ]);
    // The record comes last: it makes the run one.
    await files.close();
    await files.saveRecord(record);
    return run;
  }

  static async load(record: RunRecord, files: RunFiles, clock: () => number): Promise<LiveRun> {
    const run = new LiveRun(record, files, clock);
    if (run.isOver && record.summary !== null) return run;
    run.heldDetail = await RunDetail.read(record, files);
    if (run.isOver) await run.settle();
    return run;
  }

  get record(): RunRecord {
    return this.current;
  }

  get id(): string {
    return this.current.id;
  }

  get isOver(): boolean {
    return TERMINAL_STATES.includes(this.current.state);
  }

  /** The detail, if it is in memory: always while the run is not over. */
  get loadedDetail(): RunDetail | undefined {
    return this.heldDetail;
  }

  /** The detail, from disk where need be; the reader of a run that is over may throw it away. */
  async detail(): Promise<RunDetail> {
    return this.heldDetail ?? RunDetail.read(this.current, this.files);
  }

  /** Rounds known to be done when the current incarnation goes on: its start and what it reported since. */
  get roundsDone(): number {
    return Math.max(this.current.start.round, this.heldDetail?.roundsDoneBy(this.current.incarnation) ?? 0);
  }

  /** How fast the workers of the current incarnation were when last heard of. */
  get pace(): readonly WorkerPace[] {
    const { state, assigned } = this.current;
    if (state !== 'running') return [];
    return this.heldPace.filter(({ workerId }) => assigned.some((one) => one.workerId === workerId));
  }

  get hasProgress(): boolean {
    return this.current.incarnation > 0 && this.roundsDone > this.current.start.round;
  }

  /**
   * Lets something happen to the run; resolves with whether it changed anything, once that is on disk. Throws where it
   * cannot be put there: then it has not happened.
   */
  async dispatch(happening: RunHappening): Promise<boolean> {
    const before = this.current;
    const { record, journal } = reduceRun(before, happening);
    if (record === before && journal.length === 0) return false;
    this.current = record;
    if (record.incarnation !== before.incarnation) {
      this.lastProgressAt = this.clock();
      this.writtenRound = 0;
      this.heldPace = [];
    }
    if (this.isOver && this.heldDetail) this.current = { ...record, summary: this.summary(this.heldDetail) };
    this.append(journal);
    this.feed.touch();
    // Why a run waits is found anew by every look: it would cost a write of every run that waits.
    if (happening.kind !== 'kept-waiting') await this.save();
    return true;
  }

  /** The record says no more than the files it goes with: of a checkpoint's steps none may be lost once it is known. */
  private async save(): Promise<void> {
    const record = this.current;
    try {
      await this.files.sync();
      await this.files.saveRecord(record);
      this.saved = record;
    } catch (error) {
      if (this.current === record) this.current = this.saved;
      throw error;
    }
  }

  /**
   * Takes in what a worker says was committed. Facts count whatever incarnation they come from, and however late: of a
   * run that is over they are sent again where Redis lost them, or are read by a coordinator that was away.
   */
  async commit(report: Extract<Report, { kind: 'steps' | 'evaluation' | 'evaluation-part' }>): Promise<void> {
    const detail = await this.openedDetail();
    const lines = linesOf(report);
    const doneBefore = this.roundsDone;
    const fresh: MetricsLine[] = [];
    for (const line of lines) {
      const outcome = detail.take(line);
      if (outcome === 'new' || outcome === 'differs') fresh.push(line);
      if (outcome === 'differs' || outcome === 'misplaced')
        this.append([this.complaint(line, outcome, report.workerId)]);
      if (outcome !== 'same' && outcome !== 'misplaced' && line.kind === 'evaluation')
        this.append([evaluated(line.evaluation, this.clock())]);
    }
    this.files.appendMetrics(fresh);
    if (fresh.length > 0) this.writtenRound = Math.max(this.writtenRound, this.roundsDone);
    this.feed.committed(fresh.flatMap((line): StepMetrics[] => (line.kind === 'step' ? [line.step] : [])));
    if (this.roundsDone > doneBefore) {
      this.lastProgressAt = this.clock();
      await this.dispatch({ kind: 'progressed', at: this.clock() });
    }
    if (report.kind === 'evaluation-part' && detail.firstMissingRound === null) {
      const result = evaluationResult(mergeTallies(detail.tallies), classNamesOf(this.current.dataset));
      await this.dispatch({ kind: 'evaluated', at: this.clock(), result });
    }
  }

  /** Learns from a heartbeat how far the incarnation is, which after a restart the coordinator may not know. */
  async reached(round: number): Promise<void> {
    const line: MetricsLine = { kind: 'progress', incarnation: this.current.incarnation, round };
    if (round <= this.current.start.round || this.heldDetail?.take(line) !== 'new') return;
    this.lastProgressAt = this.clock();
    await this.dispatch({ kind: 'progressed', at: this.clock() });
  }

  /** Takes in how fast the workers are; tells who is slow. */
  paced(workers: readonly WorkerPace[], at: number): void {
    const lines = paceLines(this.heldPace, workers, at);
    this.heldPace = workers;
    if (lines.length > 0) this.append(lines);
    else this.feed.touch();
  }

  /** Adds a line to the journal. */
  note(entry: JournalEntry): void {
    this.append([entry]);
  }

  /** Puts all that was taken in on disk. Files are kept open only while workers serve the run. */
  async sync(): Promise<void> {
    if (this.hasProgress && !this.isOver && this.roundsDone > this.writtenRound) {
      this.writtenRound = this.roundsDone;
      this.files.appendMetrics([{ kind: 'progress', incarnation: this.current.incarnation, round: this.writtenRound }]);
    }
    const { state } = this.current;
    if (state === 'running' || state === 'pausing') await this.files.sync();
    else await this.files.close();
  }

  /** Writes the summary of a run that is over and lets its detail go. */
  async settle(): Promise<void> {
    if (!this.isOver || this.heldDetail === undefined || this.feed.numFollowers > 0) return;
    this.settling ??= this.letGo(this.heldDetail).finally(() => {
      this.settling = undefined;
    });
    await this.settling;
  }

  async close(): Promise<void> {
    this.feed.end();
    if (this.heldDetail) await this.sync();
    await this.files.close();
  }

  private async letGo(detail: RunDetail): Promise<void> {
    this.current = { ...this.current, summary: this.summary(detail) };
    await this.files.saveRecord(this.current);
    await this.files.close();
    this.heldDetail = undefined;
  }

  /** The detail in memory and the files open, once more where the run has let go of them. */
  private async openedDetail(): Promise<RunDetail> {
    // What could not be let go of is still there.
    await this.settling?.catch(() => undefined);
    if (this.heldDetail !== undefined) return this.heldDetail;
    return (this.heldDetail = await RunDetail.read(this.current, this.files));
  }

  private summary(detail: RunDetail): NonNullable<RunRecord['summary']> {
    const progress = runProgress(this.current, detail.series, detail.evaluations, this.clock());
    return { progress, ledger: detail.ledgerView() };
  }

  private append(entries: readonly JournalEntry[]): void {
    const { heldDetail } = this;
    if (heldDetail === undefined || entries.length === 0) return;
    const lastId = heldDetail.journal.at(-1)?.id ?? 0;
    const events: RunEvent[] = entries.map((entry, index) => ({ id: lastId + 1 + index, ...entry }));
    heldDetail.journal.push(...events);
    this.files.appendJournal(events);
    this.feed.journal(events);
  }

  private complaint(line: MetricsLine, outcome: 'differs' | 'misplaced', workerId: string): JournalEntry {
    const what =
      line.kind === 'step'
        ? `step ${line.step.step}`
        : line.kind === 'evaluation'
          ? `the evaluation of epoch ${line.evaluation.epoch}`
          : line.kind === 'part'
            ? `part ${line.part.round}`
            : 'progress';
    const message =
      outcome === 'differs'
        ? `${what} was computed again (incarnation ${line.incarnation}, worker ${workerId}) and has other bits than before`
        : `worker ${workerId} reports ${what}, which is no such round of this run; it is left out`;
    return { at: this.clock(), level: 'warning', topic: 'data', message };
  }
}

function linesOf(report: Extract<Report, { kind: 'steps' | 'evaluation' | 'evaluation-part' }>): MetricsLine[] {
  const { incarnation } = report;
  switch (report.kind) {
    case 'steps':
      return report.steps.map((step) => ({ kind: 'step', incarnation, step }));
    case 'evaluation':
      return [{ kind: 'evaluation', incarnation, evaluation: report.evaluation }];
    case 'evaluation-part':
      return [{ kind: 'part', incarnation, part: report.part }];
  }
}

function evaluated(evaluation: Evaluation, at: number): JournalEntry {
  const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;
  const top5 = evaluation.top5Accuracy === undefined ? '' : `, top-5 ${percent(evaluation.top5Accuracy)}`;
  const message = `epoch ${evaluation.epoch + 1}: validation accuracy ${percent(evaluation.accuracy)}${top5}, loss ${evaluation.loss.toFixed(4)}`;
  return { at, level: 'info', topic: 'evaluation', message };
}
