import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { DueRun, RetentionView } from '#contracts';
import type { Logger, RetentionRule } from '#telemetry';
import type { CoordinatorConfig } from '../config/coordinator.config.js';
import { CLOCK, CONFIG, DURATIONS, LOGGER, type Durations } from '../config/settings.js';
import { LoopFaults } from '../health/loop-faults.js';
import { RemovalSurvey } from '../removal/removal-survey.js';
import { RemovalRefusedError, Removals } from '../removal/removals.js';
import type { TrainingRun } from '../runs/live-run.js';
import { RunRegistry } from '../runs/run-registry.js';
import type { EndedTraining } from '../storage/ended-run.js';
import { ReconcileLoop } from '../scheduling/reconcile-loop.js';
import { dueRuns, type DueRuns, type RetainedRun } from './due-runs.js';
import { SteadyClock } from './steady-clock.js';

/** Somebody archived, tagged or deleted the run in between. */
class NoLongerDueError extends Error {
  override readonly name = 'NoLongerDueError';
}

/** Deletes runs whose time has come by SKIPLANE_RETENTION, one after the other, and says which ones it will delete. */
@Injectable()
export class Retention implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #runs: RunRegistry;
  readonly #survey: RemovalSurvey;
  readonly #removals: Removals;
  readonly #rules: readonly RetentionRule[];
  readonly #steadyMs: number;
  readonly #clock: () => number;
  readonly #steadyClock: SteadyClock;
  readonly #logger: Logger;
  readonly #loop: ReconcileLoop;
  #isClosed = false;

  constructor(
    runs: RunRegistry,
    survey: RemovalSurvey,
    removals: Removals,
    faults: LoopFaults,
    @Inject(CONFIG) { retention }: CoordinatorConfig,
    @Inject(DURATIONS) { retentionMs, steadyMs }: Durations,
    @Inject(CLOCK) clock: () => number,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.#runs = runs;
    this.#survey = survey;
    this.#removals = removals;
    this.#rules = retention;
    this.#steadyMs = steadyMs;
    this.#clock = clock;
    this.#steadyClock = new SteadyClock(clock);
    this.#logger = logger;
    this.#loop = new ReconcileLoop(
      async () => {
        await this.#look();
        faults.worked('retention');
      },
      retentionMs,
      (error) => faults.failed('retention', error),
    );
  }

  onApplicationBootstrap(): void {
    if (this.#rules.length > 0) this.#loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#isClosed = true;
    await this.#loop.close();
  }

  /** What is deleted when; nothing is deleted by asking. */
  async view({ offset, limit }: { readonly offset: number; readonly limit: number }): Promise<RetentionView> {
    const { due, numExempt } = this.#due();
    const now = this.#clock();
    return {
      rules: this.#rules.map((rule) => ({ ...rule })),
      runs: await Promise.all(
        due.slice(offset, offset + limit).map(async (run) => ({ ...run, obstacle: await this.#obstacleOf(run, now) })),
      ),
      total: due.length,
      offset,
      limit,
      numExempt,
    };
  }

  async #look(): Promise<void> {
    if (this.#steadyClock.steadyMs() < this.#steadyMs) return;
    for (const run of this.#due().due) {
      if (this.#isClosed || run.deletedAt > this.#clock()) return;
      try {
        const { freedBytes } = await this.#removals.removeRun(() => this.#stillDue(run), 'retention');
        const { id, name, state } = run;
        this.#logger.info(
          { event: 'retention-removed', run: id, name, state, freedBytes },
          'the retention deleted a run',
        );
      } catch (error) {
        // The view says what is in the way; the next look tries again.
        if (!(error instanceof RemovalRefusedError || error instanceof NoLongerDueError)) throw error;
      }
    }
  }

  async #stillDue({ id }: Pick<DueRun, 'id'>): Promise<TrainingRun> {
    const run = await this.#runs.findTraining(id);
    if (run === undefined || dueRuns([retained(run)], this.#rules).due.length === 0) throw new NoLongerDueError(id);
    return run;
  }

  async #obstacleOf({ id, deletedAt }: Pick<DueRun, 'id' | 'deletedAt'>, now: number): Promise<string | null> {
    const run = deletedAt > now ? undefined : await this.#runs.findTraining(id);
    const obstacles = run === undefined ? [] : await this.#survey.obstaclesOf(run);
    return obstacles.length === 0 ? null : obstacles.join('; ');
  }

  #due(): DueRuns {
    return dueRuns(this.#runs.trainings().map(retained), this.#rules);
  }
}

function retained(run: TrainingRun | EndedTraining): RetainedRun {
  if (!('record' in run)) return run.summary;
  const { id, spec, state, finishedAt, tags, isArchived } = run.record;
  return { id, name: spec.name, state, finishedAt, tags, isArchived };
}
