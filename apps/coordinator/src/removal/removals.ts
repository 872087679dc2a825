import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { Removal } from '#contracts';
import type { Logger } from '#telemetry';
import type { CoordinatorConfig } from '../config/coordinator.config.js';
import { CLOCK, CONFIG, DURATIONS, LOGGER, type Durations } from '../config/settings.js';
import { LoopFaults } from '../health/loop-faults.js';
import { RedisLink } from '../redis/redis-link.js';
import type { LiveRun, TrainingRun } from '../runs/live-run.js';
import { RunRegistry } from '../runs/run-registry.js';
import { Publisher } from '../scheduling/publisher.js';
import { ReconcileLoop } from '../scheduling/reconcile-loop.js';
import { DataFolder } from '../storage/data-folder.js';
import { RemovalLog, type RemovalReason } from '../storage/removal-log.js';
import { CheckpointFiles } from '../storage/checkpoint-files.js';
import { StoredFiles } from '../storage/stored-files.js';
import { RunFiles } from '../storage/run-files.js';
import type { StudyRecord } from '../storage/study-record.schema.js';
import { StudyRegistry } from '../studies/study-registry.js';
import { RemovalSurvey } from './removal-survey.js';
import { StoredRemovals } from './stored-removals.js';

/** Something others need keeps a run or a study from being deleted. */
export class RemovalRefusedError extends Error {
  override readonly name = 'RemovalRefusedError';

  constructor(readonly removal: Removal) {
    super(`${removal.kind} ${removal.id} cannot be deleted now: ${removal.obstacles.join('; ')}`);
  }
}

/** Workers of a run that has just ended hear of it within a second. */
const LEAVE_MS = 5_000;
const LOOK_MS = 100;

/**
 * Deletes runs and studies with all that belongs to them. Its folder is renamed first, which needs no room on a full disk:
 * from then on there is no such run, and whatever a crash leaves is taken away at the next start.
 */
@Injectable()
export class Removals implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #survey: RemovalSurvey;
  readonly #runs: RunRegistry;
  readonly #studies: StudyRegistry;
  readonly #redis: RedisLink;
  readonly #publisher: Publisher;
  readonly #log: RemovalLog;
  readonly #stored: StoredRemovals;
  readonly #dataDirectory: string;
  readonly #checkpointDirectory: string;
  readonly #clock: () => number;
  readonly #logger: Logger;
  readonly #loop: ReconcileLoop;
  /** One after the other: each surveys what the one before has left. */
  #removing: Promise<unknown> = Promise.resolve();
  /** Something may lie there that a crash or a failure has left. */
  #hasRest = true;

  constructor(
    survey: RemovalSurvey,
    runs: RunRegistry,
    studies: StudyRegistry,
    redis: RedisLink,
    publisher: Publisher,
    log: RemovalLog,
    folder: DataFolder,
    faults: LoopFaults,
    files: CheckpointFiles,
    stored: StoredFiles,
    @Inject(CONFIG) { checkpointDirectory }: CoordinatorConfig,
    @Inject(DURATIONS) { tickMs }: Durations,
    @Inject(CLOCK) clock: () => number,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.#survey = survey;
    this.#runs = runs;
    this.#studies = studies;
    this.#redis = redis;
    this.#publisher = publisher;
    this.#log = log;
    this.#dataDirectory = folder.path;
    this.#checkpointDirectory = checkpointDirectory;
    this.#stored = new StoredRemovals({ files, stored, logger, dataDirectory: folder.path });
    this.#clock = clock;
    this.#logger = logger;
    this.#loop = new ReconcileLoop(
      async () => {
        await this.#inTurn(() => this.#finishRest());
        faults.worked('removals');
      },
      tickMs,
      (error) => faults.failed('removals', error),
    );
  }

  onApplicationBootstrap(): void {
    this.#loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#loop.close();
    await this.#removing;
  }

  /** Deletes a run that is over. `find` may throw. Errors: RemovalRefusedError, RedisAbsentError. */
  removeRun(find: () => Promise<TrainingRun>, reason: RemovalReason): Promise<Removal> {
    return this.#inTurn(async () => {
      const run = await find();
      await this.#redis.require(`run ${run.id} was not deleted`);
      await this.#whenLeft(run);
      const removal = await this.#survey.ofRun(run);
      await this.#remove(removal, reason, () => this.#bury(run));
      return removal;
    });
  }

  /** Deletes a study that is over, with its runs. Errors: as removeRun. */
  removeStudy(find: () => StudyRecord, reason: RemovalReason): Promise<Removal> {
    return this.#inTurn(async () => {
      const study = find();
      await this.#redis.require(`study ${study.id} was not deleted`);
      for (const run of await this.#survey.runsOf(study)) await this.#whenLeft(run);
      const removal = await this.#survey.ofStudy(study);
      await this.#remove(removal, reason, () => this.#studies.bury(study.id));
      return removal;
    });
  }

  async #remove(removal: Removal, reason: RemovalReason, bury: () => Promise<void>): Promise<void> {
    if (removal.obstacles.length > 0) throw new RemovalRefusedError(removal);
    this.#hasRest = true;
    await bury();
    await this.#finishRest();
    const { kind, id, name, freedBytes } = removal;
    this.#logger.info({ event: 'removed', kind, id, name, freedBytes, reason }, `${kind} ${id} was deleted`);
    await this.#log.add({ at: this.#clock(), reason, removal }).catch((error: unknown) => {
      this.#logger.warn({ event: 'removal-not-logged', id, err: error }, 'a deletion could not be written down');
    });
  }

  async #bury(run: LiveRun): Promise<void> {
    await run.bury();
    this.#runs.forget(run.id);
  }

  /** What is left of runs that are no more: keys in Redis, checkpoints, weights of evaluations, and last their folders. */
  async #finishRest(): Promise<void> {
    if (!this.#hasRest) return;
    for (const study of await this.#studies.buried()) {
      for (const run of await this.#survey.runsOf({ id: study })) await this.#bury(run);
    }
    for (const id of await RunFiles.listBuried(this.#dataDirectory)) {
      for (const evaluation of await this.#runs.evaluationsOf(id)) await this.#bury(evaluation);
    }
    for (const id of await RunFiles.listBuried(this.#dataDirectory)) {
      const record = await RunFiles.buriedRecord(this.#dataDirectory, id);
      await this.#publisher.erase(id, record?.incarnation ?? 0);
      await rm(join(this.#checkpointDirectory, id), { recursive: true, force: true });
      if (record?.spec.checkpoint.store === undefined) await RunFiles.removeBuried(this.#dataDirectory, id);
      else void this.#stored.remove(record);
    }
    for (const study of await this.#studies.buried()) await this.#studies.removeBuried(study);
    this.#hasRest = this.#stored.hasRest;
  }

  async #whenLeft(run: TrainingRun): Promise<void> {
    const until = performance.now() + LEAVE_MS;
    while (this.#survey.isServed(run) && run.isOver && performance.now() < until)
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#removing.then(work);
    this.#removing = turn.catch(() => undefined);
    return turn;
  }
}
