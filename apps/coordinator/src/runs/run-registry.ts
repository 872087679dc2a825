import { createHash } from 'node:crypto';
import type { CloneRequest, EvaluationRequest, RunSpec, RunState } from '#contracts';
import type { Logger } from '#telemetry';
import { newEvaluationRecord, newTrainingRecord } from '../storage/new-record.js';
import { UnreadableRecordError } from '../storage/read-record.js';
import { UnreadableRecords } from '../storage/unreadable-records.js';
import { RunFiles } from '../storage/run-files.js';
import type { EvaluationRecord, RunRecord, TrainingRecord } from '../storage/run-record.schema.js';
import {
  asEvaluation,
  asTraining,
  isEvaluation,
  isTraining,
  LiveRun,
  type EvaluationRun,
  type TrainingRun,
} from './live-run.js';
import { newId } from '../storage/new-id.js';

/** How long a run that is over still takes in late reports. */
const SETTLE_AFTER_MS = 30_000;

/** A key that was used before, for another run. */
export class IdempotencyConflictError extends Error {
  override readonly name = 'IdempotencyConflictError';
}

/** What a run is made of. */
export interface NewRun extends Pick<TrainingRecord, 'spec' | 'dataset' | 'initialWeights'> {
  readonly idempotencyKey: string | undefined;
  /** What was submitted under the key. Default: the spec. */
  readonly submitted?: RunSpec | SubmittedClone;
  readonly study?: TrainingRecord['study'] | undefined;
  readonly origin?: TrainingRecord['origin'] | undefined;
}

/** What is asked to be cloned. */
export interface SubmittedClone {
  readonly runId: string;
  readonly request: CloneRequest;
}

/** What an idempotency key stands for: the same key may be sent again with the same. */
type Submitted = RunSpec | SubmittedClone | SubmittedEvaluation;

/** What is asked of a run's weights. */
export interface SubmittedEvaluation {
  readonly runId: string;
  readonly request: EvaluationRequest;
}

/** All runs of a data folder. */
export class RunRegistry {
  readonly #dataDirectory: string;
  readonly #clock: () => number;
  readonly #runs = new Map<string, LiveRun>();
  readonly #byKey = new Map<string, LiveRun>();
  /** Runs and evaluations whose records cannot be read, with the reason. Their folders are not touched. */
  readonly unreadable = new UnreadableRecords();
  /** When the newest id was made. */
  #newest = 0;

  private constructor(dataDirectory: string, clock: () => number) {
    this.#dataDirectory = dataDirectory;
    this.#clock = clock;
  }

  /** Reads every run of the folder. A record that cannot be read is left alone and listed so. */
  static async open(dataDirectory: string, clock: () => number, logger: Logger): Promise<RunRegistry> {
    const registry = new RunRegistry(dataDirectory, clock);
    for (const id of await RunFiles.list(dataDirectory)) {
      try {
        const files = RunFiles.of(dataDirectory, id, (file, lines) =>
          logger.warn({ event: 'record-lines-left-out', run: id, file, lines }, 'lines of a record cannot be read'),
        );
        const record = await files.readRecord();
        if (record !== undefined) registry.#hold(await LiveRun.load(record, files, clock));
      } catch (error) {
        const reason = error instanceof UnreadableRecordError ? error.message : String(error);
        registry.unreadable.add(id, reason);
        logger.error(
          { event: 'run-unreadable', run: id, reason, err: error },
          'the record of a run cannot be read, it is left as it is',
        );
      }
    }
    return registry;
  }

  get(id: string): LiveRun | undefined {
    return this.#runs.get(id);
  }

  /** The run that trains with this id. */
  getTraining(id: string): TrainingRun | undefined {
    const run = this.#runs.get(id);
    return run !== undefined && isTraining(run) ? run : undefined;
  }

  /** Runs that train, newest first. */
  list(state?: RunState): TrainingRun[] {
    return this.all()
      .filter(isTraining)
      .filter(({ record }) => state === undefined || record.state === state);
  }

  /** Runs and evaluations, newest first. */
  all(): LiveRun[] {
    return [...this.#runs.values()].sort(
      (left, right) => right.record.createdAt - left.record.createdAt || (left.id < right.id ? 1 : -1),
    );
  }

  /** The evaluations that were submitted to a run, newest first. */
  evaluationsOf(runId: string): EvaluationRun[] {
    return this.all()
      .filter(isEvaluation)
      .filter(({ record }) => record.evaluation.runId === runId);
  }

  /** Runs and evaluations that may still need workers, oldest first. */
  unfinished(): LiveRun[] {
    return this.all()
      .filter((run) => !run.isOver)
      .toReversed();
  }

  /** The runs of a study, by trial. */
  ofStudy(studyId: string): Map<number, TrainingRun> {
    const runs = new Map<number, TrainingRun>();
    for (const run of this.list()) {
      if (run.record.study?.id === studyId) runs.set(run.record.study.trial, run);
    }
    return runs;
  }

  /** The run that was submitted under a key. Throws IdempotencyConflictError when it was something else. */
  findRunByKey(key: string, submitted: RunSpec | SubmittedClone): TrainingRun | undefined {
    const found = this.#findByKey(key, submitted);
    return found && asTraining(found);
  }

  /** The evaluation that was submitted under a key. Throws IdempotencyConflictError when it was something else. */
  findEvaluationByKey(key: string, submitted: SubmittedEvaluation): EvaluationRun | undefined {
    const found = this.#findByKey(key, submitted);
    return found && asEvaluation(found);
  }

  /** Writes down a new run; when it resolves the run outlives a crash. */
  async create(
    identity: { readonly id: string; readonly createdAt: number },
    { idempotencyKey, submitted, study = null, origin = null, ...given }: NewRun,
  ): Promise<TrainingRun> {
    const idempotency = idempotencyOf(idempotencyKey, submitted ?? given.spec);
    return asTraining(await this.#write(newTrainingRecord({ ...identity, ...given, idempotency, study, origin })));
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

  #findByKey(key: string, submitted: Submitted): LiveRun | undefined {
    const run = this.#byKey.get(key);
    if (run !== undefined && run.record.idempotency?.bodySha256 !== bodySha256(submitted)) {
      const what = isTraining(run) ? 'run' : 'evaluation';
      throw new IdempotencyConflictError(
        `Idempotency-Key ${key} was used for ${what} ${run.id}, which has another spec`,
      );
    }
    return run;
  }

  async #write(record: RunRecord): Promise<LiveRun> {
    const files = await RunFiles.create(this.#dataDirectory, record.id);
    try {
      const run = await LiveRun.create(record, files, this.#clock);
      this.#hold(run);
      return run;
    } catch (error) {
      // Nobody was told of it. On a full disk even its folder may stay; without a record it means nothing.
      await files.remove().catch(() => undefined);
      throw error;
    }
  }

  /** There is no such run any more, nor a key that it was submitted under. */
  forget(id: string): void {
    const key = this.#runs.get(id)?.record.idempotency?.key;
    if (key !== undefined) this.#byKey.delete(key);
    this.#runs.delete(id);
  }

  /** Puts all that was taken in on disk, and lets go of runs that have been over for a while. */
  async sync(): Promise<void> {
    await this.#each(async (run) => {
      if (run.loadedDetail === undefined) return;
      await run.sync();
      if (run.isOver && performance.now() - run.stateSince > SETTLE_AFTER_MS) await run.settle();
    });
  }

  /** Length of what was taken in and is not surely on disk. */
  get unsaved(): number {
    let length = 0;
    for (const run of this.#runs.values()) length += run.unsaved;
    return length;
  }

  async close(): Promise<void> {
    await this.#each((run) => run.close());
  }

  /** One that fails keeps no other from its turn; its error is thrown in the end. */
  async #each(action: (run: LiveRun) => Promise<void>): Promise<void> {
    const failures: unknown[] = [];
    for (const run of this.#runs.values()) await action(run).catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }

  #hold(run: LiveRun): void {
    this.#runs.set(run.id, run);
    this.#newest = Math.max(this.#newest, run.record.createdAt);
    if (run.record.idempotency !== null) this.#byKey.set(run.record.idempotency.key, run);
  }
}

/** Two specs are the same when they are so once defaults are filled in. */
function bodySha256(submitted: Submitted): string {
  return createHash('sha256').update(JSON.stringify(submitted)).digest('hex');
}

function idempotencyOf(key: string | undefined, submitted: Submitted): RunRecord['idempotency'] {
  return key === undefined ? null : { key, bodySha256: bodySha256(submitted) };
}
