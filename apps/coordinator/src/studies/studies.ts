import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { RefusedInputError, submittedRunSchema, studyTrials, type RunState, type StudySpec } from '#contracts';
import { CLOCK, DURATIONS, type Durations } from '../config/settings.js';
import { DatasetInspections } from '../datasets/dataset-inspections.js';
import { DatasetNames } from '../datasets/dataset-names.js';
import { DatasetScans, type TellProgress } from '../datasets/dataset-scans.js';
import { LoopFaults } from '../health/loop-faults.js';
import { CheckpointFiles } from '../storage/checkpoint-files.js';
import { StoredFiles } from '../storage/stored-files.js';
import type { StudyRecord } from '../storage/study-record.schema.js';
import { stateOf } from '../runs/ended-runs.js';
import { isTraining, type TrainingRun } from '../runs/live-run.js';
import { RunRegistry } from '../runs/run-registry.js';
import { OnceByKey, type MadeOnce } from '../runs/once-by-key.js';
import { RedisLink } from '../redis/redis-link.js';
import { RunSubmitter } from '../runs/submit-run.js';
import { ReconcileLoop } from '../scheduling/reconcile-loop.js';
import { SchedulingLoop } from '../scheduling/scheduling-loop.js';
import { checkStudy } from './check-study.js';
import { trialsToSubmit } from './study-reducer.js';
import { StudyRegistry } from './study-registry.js';

/**
 * Makes studies into runs and sees them to their end. A run carries its study and trial, so whatever a crash left
 * between the two records is found again: no trial is submitted twice, none is forgotten.
 */
@Injectable()
export class Studies implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  readonly #registry: StudyRegistry;
  readonly #runs: RunRegistry;
  readonly #submitter: RunSubmitter;
  readonly #files: CheckpointFiles;
  readonly #stored: StoredFiles;
  readonly #scans: DatasetScans;
  readonly #names: DatasetNames;
  readonly #redis: RedisLink;
  readonly #scheduling: SchedulingLoop;
  readonly #faults: LoopFaults;
  readonly #clock: () => number;
  readonly #loop: ReconcileLoop;
  readonly #once = new OnceByKey<StudyRecord>();
  #isClosed = false;

  constructor(
    registry: StudyRegistry,
    runs: RunRegistry,
    submitter: RunSubmitter,
    files: CheckpointFiles,
    stored: StoredFiles,
    scans: DatasetScans,
    names: DatasetNames,
    redis: RedisLink,
    scheduling: SchedulingLoop,
    faults: LoopFaults,
    @Inject(DURATIONS) { tickMs }: Durations,
    @Inject(CLOCK) clock: () => number,
  ) {
    this.#registry = registry;
    this.#runs = runs;
    this.#submitter = submitter;
    this.#files = files;
    this.#stored = stored;
    this.#scans = scans;
    this.#names = names;
    this.#redis = redis;
    this.#scheduling = scheduling;
    this.#faults = faults;
    this.#clock = clock;
    this.#loop = new ReconcileLoop(
      () => this.#tick(),
      tickMs,
      (error) => faults.failed('studies', error),
    );
  }

  onApplicationBootstrap(): void {
    this.#loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#isClosed = true;
    await this.#loop.close();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#registry.close();
  }

  /** Takes a study; its runs follow. `tell`: what is done meanwhile. Errors: RefusedInputError, RedisAbsentError, IdempotencyConflictError. */
  submit(spec: StudySpec, key: string | undefined, tell: TellProgress): Promise<MadeOnce<StudyRecord>> {
    return this.#once.make(
      key,
      (given) => this.#registry.findByKey(given, spec),
      () => this.#create(spec, key, tell),
    );
  }

  /** Ends a study and its runs; false where it is over already. */
  async cancel(id: string): Promise<boolean> {
    const isDone = await this.#registry.dispatch(id, { kind: 'cancel-requested', at: this.#clock() });
    if (isDone) await this.#cancelRuns();
    return isDone;
  }

  async #create(spec: StudySpec, key: string | undefined, tell: TellProgress): Promise<StudyRecord> {
    await this.#redis.require('the study was not taken');
    const { faults, datasets } = await checkStudy(spec, new DatasetInspections(this.#scans, tell), {
      names: this.#names,
      files: this.#files,
      stored: this.#stored,
    });
    if (faults.length > 0) throw new RefusedInputError('the study cannot be trained as specified', faults);
    const study = await this.#registry.create(spec, datasets, key);
    this.#loop.wake();
    return study;
  }

  async #tick(): Promise<void> {
    const inspections = new DatasetInspections(this.#scans);
    for (const { id } of this.#registry.running()) {
      await this.#submitTrials(id, inspections);
      await this.#observe(id);
    }
    // Of a study that was cancelled in the middle of this, or just before a crash.
    await this.#cancelRuns();
    this.#faults.worked('studies');
  }

  async #submitTrials(id: string, inspections: DatasetInspections): Promise<void> {
    const study = this.#registry.get(id);
    if (study === undefined || trialsToSubmit(study).length === 0) return;
    const specs = studyTrials(study.spec).map(({ spec }) => spec);
    const existing = this.#runs.ofStudy(id);
    for (const trial of trialsToSubmit(study)) {
      const isWanted = this.#registry.get(id)?.state === 'running';
      if (this.#isClosed || !isWanted) return;
      const runId =
        existing.get(trial) ?? (await this.#submitTrial(study, trial, { input: specs[trial], inspections }))?.id;
      if (runId !== undefined) {
        await this.#registry.dispatch(id, { kind: 'run-submitted', at: this.#clock(), trial, runId });
      }
    }
  }

  /** Undefined where the run is refused, which a change of the data set since the submission can bring about. */
  async #submitTrial(
    { id, spec: { seeds }, datasets }: StudyRecord,
    trial: number,
    { input, inspections }: { readonly input: unknown; readonly inspections: DatasetInspections },
  ): Promise<TrainingRun | undefined> {
    const found = datasets?.[Math.floor(trial / seeds.length)];
    const refuse = async (reason: string): Promise<undefined> => {
      await this.#registry.dispatch(id, { kind: 'run-refused', at: this.#clock(), trial, reason });
    };
    const spec = submittedRunSchema.safeParse(input);
    if (!spec.success) {
      return refuse(spec.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
    }
    try {
      return await this.#submitter.submitTrial(spec.data, { study: { id, trial }, inspections, found });
    } catch (error) {
      if (!(error instanceof RefusedInputError)) throw error;
      return refuse(
        error.faults.length === 0
          ? error.message
          : error.faults.map(({ path, message }) => `${path}: ${message}`).join('; '),
      );
    }
  }

  /** Those of cancelled studies. */
  async #cancelRuns(): Promise<void> {
    const open = this.#runs.unfinished().filter((run) => {
      const study = isTraining(run) ? run.record.study : null;
      return study !== null && this.#registry.get(study.id)?.state === 'cancelled';
    });
    for (const run of open) await run.dispatch({ kind: 'cancel-requested', at: this.#clock() });
    if (open.length > 0) this.#scheduling.nudge();
  }

  async #observe(id: string): Promise<void> {
    const states = new Map<string, RunState>();
    for (const { runId } of this.#registry.get(id)?.trials ?? []) {
      const run = runId === null ? undefined : this.#runs.training(runId);
      if (run !== undefined) states.set(run.id, stateOf(run));
      // How it stands shows when somebody has mended its record.
      else if (runId !== null && this.#runs.unreadable.get(runId) !== undefined) states.set(runId, 'running');
    }
    await this.#registry.dispatch(id, { kind: 'runs-observed', at: this.#clock(), states });
  }
}
