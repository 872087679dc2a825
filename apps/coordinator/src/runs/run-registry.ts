import { RUN_STATES, type RunState, type SubmittedRun } from '#contracts';
import type { Logger } from '#telemetry';
import { newEvaluationRecord, newTrainingRecord } from '../storage/new-record.js';
import { UnreadableRecordError } from '../storage/read-record.js';
import { UnreadableRecords } from '../storage/unreadable-records.js';
import { RunFiles, type RecordStamp } from '../storage/run-files.js';
import type { EvaluationRecord, RunRecord } from '../storage/run-record.schema.js';
import type { EndedRun, EndedTraining } from '../storage/ended-run.js';
import { RunIndex } from '../storage/run-index.js';
import { newId } from '../storage/new-id.js';
import { endedRun, EndedRuns } from './ended-runs.js';
import { idempotencyOf, type NewRun, type SubmittedClone, type SubmittedEvaluation } from './submitted.js';
import { isTraining, LiveRun, type EvaluationRun, type TrainingRun } from './live-run.js';
import { asEvaluation, asTraining } from './run-kinds.js';
import type { History } from './resumed-history.js';
import { LoadedRuns } from './loaded-runs.js';
import { RunLookups } from './run-lookups.js';

/** How long a run that is over still takes in late reports. */
const SETTLE_AFTER_MS = 30_000;
/** Records read at once at the start. */
const READS_AT_ONCE = 16;

/**
 * All runs of a data folder. Those that are not over are in memory; of the others memory holds an entry, and their record
 * is read when somebody asks for it.
 */
export class RunRegistry {
  readonly #dataDirectory: string;
  readonly #clock: () => number;
  readonly #logger: Logger;
  readonly #index: RunIndex;
  readonly #loaded = new LoadedRuns();
  /** Of every run that is over, in memory or not. */
  readonly #ended = new EndedRuns();
  readonly #lookups = new RunLookups();
  /** Records on their way into memory. */
  readonly #reading = new Map<string, Promise<LiveRun>>();
  /** Runs and evaluations whose records cannot be read, with the reason. Their folders are not touched. */
  readonly unreadable = new UnreadableRecords();
  /** When the newest id was made. */
  #newest = 0;

  private constructor(dataDirectory: string, index: RunIndex, clock: () => number, logger: Logger) {
    this.#dataDirectory = dataDirectory;
    this.#index = index;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Knows every run of the folder. A record that cannot be read is left alone and listed so. */
  static async open(dataDirectory: string, clock: () => number, logger: Logger): Promise<RunRegistry> {
    const registry = new RunRegistry(dataDirectory, await RunIndex.read(dataDirectory), clock, logger);
    const ids = await RunFiles.list(dataDirectory);
    const waiting = ids.values();
    const readNext = async (): Promise<void> => {
      for (const id of waiting) await registry.#learn(id);
    };
    await Promise.all(Array.from({ length: READS_AT_ONCE }, readNext));
    await registry.#index.compact(ids);
    return registry;
  }

  async #learn(id: string): Promise<void> {
    try {
      const files = this.#filesOf(id);
      const stamp = files.recordStamp();
      const indexed = stamp && this.#index.get(id, stamp);
      if (indexed !== undefined) {
        this.#ended.set(indexed);
        this.#know(indexed);
        return;
      }
      const record = await files.readRecord();
      if (record === undefined) return;
      const run = await this.#load(record, files);
      this.#know(run.record);
      if (run.isOver && this.#ended.get(id) === undefined) this.#onSaved(run, stamp);
      if (!run.isIdle) this.#loaded.hold(run);
    } catch (error) {
      this.unreadable.found(id, error, { kind: 'run', logger: this.#logger });
    }
  }

  /** The run, from memory or from disk. Throws UnreadableRecordError where its record can no longer be read. */
  async find(id: string): Promise<LiveRun | undefined> {
    const loaded = this.#loaded.get(id);
    if (loaded !== undefined || this.#ended.get(id) === undefined) return loaded;
    const reading = this.#reading.get(id) ?? this.#read(id).finally(() => this.#reading.delete(id));
    this.#reading.set(id, reading);
    return reading;
  }

  /** The run that trains with this id; as `find`. */
  async findTraining(id: string): Promise<TrainingRun | undefined> {
    const run = await this.find(id);
    return run !== undefined && isTraining(run) ? run : undefined;
  }

  /** The run, if it is in memory: always while it is not over. */
  loaded(id: string): LiveRun | undefined {
    return this.#loaded.get(id);
  }

  /** Runs and evaluations in memory. */
  allLoaded(): LiveRun[] {
    return this.#loaded.all();
  }

  /** Runs and evaluations that may still need workers, oldest first. */
  unfinished(): LiveRun[] {
    return this.#loaded.unfinished();
  }

  /** Whether a run or an evaluation is known to be over. */
  isEnded(id: string): boolean {
    return this.#ended.get(id) !== undefined;
  }

  /** Undefined of what is no evaluation. */
  isEvaluationOver(id: string): boolean | undefined {
    const kind = this.#ended.get(id)?.kind ?? this.#loaded.peek(id)?.record.kind;
    return kind === 'evaluation' ? this.isEnded(id) : undefined;
  }

  /** All runs that train or have trained: those with a detail in memory as they are, of the others their entries. */
  trainings(): (TrainingRun | EndedTraining)[] {
    const ended = [...this.#ended.all()].flatMap((entry): (TrainingRun | EndedTraining)[] =>
      entry.kind === 'training' ? [this.training(entry.id) ?? entry] : [],
    );
    return [...this.unfinished().filter(isTraining), ...ended];
  }

  /** As in `trainings`: the run itself, or its entry. */
  training(id: string): TrainingRun | EndedTraining | undefined {
    const run = this.#loaded.peek(id);
    if (run !== undefined && (!run.isOver || run.loadedDetail !== undefined)) return isTraining(run) ? run : undefined;
    const entry = this.#ended.get(id);
    return entry?.kind === 'training' ? entry : undefined;
  }

  /** How many runs are in each state; evaluations are not counted. */
  numByState(): ReadonlyMap<RunState, number> {
    const numByState = new Map(RUN_STATES.map((state) => [state, this.#ended.numByState.get(state) ?? 0]));
    for (const { record } of this.unfinished().filter(isTraining))
      numByState.set(record.state, (numByState.get(record.state) ?? 0) + 1);
    return numByState;
  }

  /** The evaluations that were submitted to a run, newest first. */
  async evaluationsOf(runId: string): Promise<EvaluationRun[]> {
    const found = await Promise.all(this.#lookups.evaluationsOf(runId).map((id) => this.find(id)));
    return found
      .flatMap((run) => (run === undefined ? [] : [asEvaluation(run)]))
      .sort((left, right) => right.record.createdAt - left.record.createdAt);
  }

  /** Ids of the runs of a study, by trial. */
  ofStudy(studyId: string): ReadonlyMap<number, string> {
    return this.#lookups.ofStudy(studyId);
  }

  /** The run that was submitted under a key. Throws IdempotencyConflictError when it was something else. */
  async findRunByKey(key: string, submitted: SubmittedRun | SubmittedClone): Promise<TrainingRun | undefined> {
    const run = await this.#findKnown(this.#lookups.byKey(key, submitted));
    return run && asTraining(run);
  }

  /** The evaluation that was submitted under a key. Throws IdempotencyConflictError when it was something else. */
  async findEvaluationByKey(key: string, submitted: SubmittedEvaluation): Promise<EvaluationRun | undefined> {
    const run = await this.#findKnown(this.#lookups.byKey(key, submitted));
    return run && asEvaluation(run);
  }

  async #findKnown(id: string | undefined): Promise<LiveRun | undefined> {
    return id === undefined ? undefined : await this.find(id);
  }

  /** Writes down a new run; when it resolves the run outlives a crash. */
  async create(
    identity: { readonly id: string; readonly createdAt: number },
    { idempotencyKey, submitted, history, study = null, origin = null, ...given }: NewRun,
  ): Promise<TrainingRun> {
    const idempotency = idempotencyOf(idempotencyKey, submitted ?? given.spec);
    const record = newTrainingRecord({ ...identity, ...given, idempotency, study, origin });
    return asTraining(await this.#write(record, history));
  }

  /** Writes down a new evaluation, whose weights lie where it says. */
  async createEvaluation(
    identity: { readonly id: string; readonly createdAt: number },
    { spec, dataset }: Pick<RunRecord, 'spec' | 'dataset'>,
    evaluation: EvaluationRecord['evaluation'],
    { key, submitted }: { readonly key: string | undefined; readonly submitted: SubmittedEvaluation },
  ): Promise<EvaluationRun> {
    const idempotency = idempotencyOf(key, submitted);
    return asEvaluation(
      await this.#write(newEvaluationRecord({ ...identity, spec, dataset, idempotency, evaluation })),
    );
  }

  /** An id that nobody has, and when it was made: the newest is the first, also among those of one millisecond. */
  nextId(): { readonly id: string; readonly createdAt: number } {
    const createdAt = Math.max(this.#clock(), this.#newest + 1);
    this.#newest = createdAt;
    return { id: newId(createdAt), createdAt };
  }

  async #write(record: RunRecord, history?: History): Promise<LiveRun> {
    const files = await RunFiles.create(this.#dataDirectory, record.id);
    try {
      await history?.((line) => files.appendMetrics([line]));
      await files.sync();
      const run = await LiveRun.create(record, files, this.#clock, this.#onSaved);
      this.#loaded.hold(run);
      this.#know(record);
      return run;
    } catch (error) {
      // Nobody was told of it. On a full disk even its folder may stay; without a record it means nothing.
      await files.remove().catch(() => undefined);
      throw error;
    }
  }

  async #read(id: string): Promise<LiveRun> {
    try {
      const files = this.#filesOf(id);
      const record = await files.readRecord();
      if (record === undefined) throw new UnreadableRecordError('run.json is gone');
      const run = await this.#load(record, files);
      this.#loaded.hold(run);
      this.#loaded.trim();
      return run;
    } catch (error) {
      if (!(error instanceof UnreadableRecordError)) throw error;
      throw new UnreadableRecordError(`run ${id}: ${error.message}`, { cause: error });
    }
  }

  #load(record: RunRecord, files: RunFiles): Promise<LiveRun> {
    return LiveRun.load(record, files, this.#clock, this.#onSaved);
  }

  readonly #onSaved = (run: LiveRun, stamp: RecordStamp | undefined): void => {
    if (!run.isOver) return;
    const entry = endedRun(run, this.#clock());
    this.#ended.set(entry);
    if (stamp !== undefined) this.#index.put(entry, stamp);
  };

  #know(run: RunRecord | EndedRun): void {
    this.#newest = Math.max(this.#newest, run.createdAt);
    this.#lookups.add(run);
  }

  #filesOf(id: string): RunFiles {
    return RunFiles.of(this.#dataDirectory, id, (file, lines) =>
      this.#logger.warn({ event: 'record-lines-left-out', run: id, file, lines }, 'lines of a record cannot be read'),
    );
  }

  /** Puts all that was taken in on disk, and lets go of runs that have been over for a while. */
  async sync(): Promise<void> {
    await this.#loaded.each(async (run) => {
      if (run.loadedDetail === undefined) return;
      await run.sync();
      if (run.isOver && performance.now() - run.stateSince > SETTLE_AFTER_MS) await run.settle();
    });
    this.#loaded.trim();
    await this.#index.save();
  }

  /** Length of what was taken in and is not surely on disk. */
  get unsaved(): number {
    return this.#loaded.all().reduce((length, run) => length + run.unsaved, 0);
  }

  async close(): Promise<void> {
    await this.#loaded.each((run) => run.close());
    await this.#index.save();
  }

  /** Takes a run out of memory whose folder is being deleted. */
  forget(id: string): void {
    const known = this.#ended.get(id);
    if (known !== undefined) this.#lookups.remove(known);
    this.#loaded.remove(id);
    this.#ended.delete(id);
  }
}
