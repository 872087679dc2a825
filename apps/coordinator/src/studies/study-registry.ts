import { createHash } from 'node:crypto';
import { studyTrials, type StudySpec } from '#contracts';
import type { Logger } from '#telemetry';
import { UnreadableRecords } from '../storage/unreadable-records.js';
import { StudyFiles } from '../storage/study-files.js';
import type { StudyDataset, StudyRecord } from '../storage/study-record.schema.js';
import { newId } from '../storage/new-id.js';
import { IdempotencyConflictError } from '../runs/submitted.js';
import { reduceStudy, type StudyHappening } from './study-reducer.js';

/** All studies of a data folder. What changes one passes through `dispatch`, which puts it on disk. */
export class StudyRegistry {
  readonly #files: StudyFiles;
  readonly #clock: () => number;
  readonly #studies = new Map<string, StudyRecord>();
  /** Studies whose records cannot be read, with the reason. Their files are not touched. */
  readonly unreadable = new UnreadableRecords();
  /** One change after the other: each sees what the one before has put on disk. */
  #changing: Promise<unknown> = Promise.resolve();

  private constructor(files: StudyFiles, clock: () => number) {
    this.#files = files;
    this.#clock = clock;
  }

  /** Reads every study of the folder. A record that cannot be read is left alone and listed so. */
  static async open(dataDirectory: string, clock: () => number, logger: Logger): Promise<StudyRegistry> {
    const files = new StudyFiles(dataDirectory);
    const registry = new StudyRegistry(files, clock);
    for (const id of await files.list()) {
      try {
        registry.#studies.set(id, await files.read(id));
      } catch (error) {
        registry.unreadable.found(id, error, { kind: 'study', logger });
      }
    }
    return registry;
  }

  get(id: string): StudyRecord | undefined {
    return this.#studies.get(id);
  }

  /** Newest first. */
  list(): StudyRecord[] {
    return [...this.#studies.values()].sort(
      (left, right) => right.createdAt - left.createdAt || (left.id < right.id ? 1 : -1),
    );
  }

  /** Those that are not over, oldest first. */
  running(): StudyRecord[] {
    return [...this.#studies.values()]
      .filter(({ state }) => state === 'running')
      .sort((left, right) => left.createdAt - right.createdAt || (left.id < right.id ? -1 : 1));
  }

  /** The study that was submitted under a key. Throws IdempotencyConflictError when it was another one. */
  findByKey(key: string, spec: StudySpec): StudyRecord | undefined {
    const study = [...this.#studies.values()].find(({ idempotency }) => idempotency?.key === key);
    if (study !== undefined && study.idempotency?.bodySha256 !== specSha256(spec)) {
      throw new IdempotencyConflictError(
        `Idempotency-Key ${key} was used for study ${study.id}, which has another spec`,
      );
    }
    return study;
  }

  /** Writes down a new study; when it resolves the study outlives a crash. */
  async create(
    spec: StudySpec,
    datasets: readonly StudyDataset[],
    idempotencyKey: string | undefined,
  ): Promise<StudyRecord> {
    // The newest study first, also among those of one millisecond.
    const newest = Math.max(0, ...[...this.#studies.values()].map(({ createdAt }) => createdAt));
    const createdAt = Math.max(this.#clock(), newest + 1);
    const record: StudyRecord = {
      version: 3,
      id: newId(createdAt),
      spec,
      state: 'running',
      createdAt,
      finishedAt: null,
      datasets: [...datasets],
      trials: studyTrials(spec).map(() => ({ runId: null, refusal: null })),
      idempotency: idempotencyKey === undefined ? null : { key: idempotencyKey, bodySha256: specSha256(spec) },
    };
    await this.#files.save(record);
    this.#studies.set(record.id, record);
    return record;
  }

  /**
   * Lets something happen to a study; resolves with whether it changed anything, once that is on disk. Throws where it
   * cannot be put there: then it has not happened.
   */
  dispatch(id: string, happening: StudyHappening): Promise<boolean> {
    const turn = this.#changing.then(async () => {
      const before = this.#studies.get(id);
      const after = before && reduceStudy(before, happening);
      if (after === undefined || after === before) return false;
      await this.#files.save(after);
      this.#studies.set(id, after);
      return true;
    });
    this.#changing = turn.catch(() => undefined);
    return turn;
  }

  /** Deletes a study that is over; its runs are the caller's to delete, and then `removeBuried`. */
  bury(id: string): Promise<void> {
    const turn = this.#changing.then(async () => {
      await this.#files.bury(id);
      this.#studies.delete(id);
    });
    this.#changing = turn.catch(() => undefined);
    return turn;
  }

  /** Ids of studies that were deleted and of which something is left. */
  buried(): Promise<string[]> {
    return this.#files.listBuried();
  }

  removeBuried(id: string): Promise<void> {
    return this.#files.removeBuried(id);
  }

  close(): Promise<void> {
    return this.#files.close();
  }
}

/** Two specs are the same when they are so once defaults are filled in. */
function specSha256(spec: StudySpec): string {
  return createHash('sha256').update(JSON.stringify(spec)).digest('hex');
}
