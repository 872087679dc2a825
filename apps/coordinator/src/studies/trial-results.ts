import { stepsPerEpoch, totalSteps, trainingTimeline } from '#contracts';
import type { TrainingRecord } from '../storage/run-record.schema.js';
import type { EndedTraining } from '../storage/ended-run.js';
import type { TrainingRun } from '../runs/live-run.js';
import type { RunRegistry } from '../runs/run-registry.js';
import type { TrainingCommits } from '../runs/training-commits.js';

/** Errors are shares in [0, 1]; null where nothing was measured yet. */
export interface TrialErrors {
  readonly trainError: number | null;
  readonly validationError: number | null;
  readonly bestValidationError: number | null;
}

interface CurvePoint {
  readonly step: number;
  readonly error: number;
}

/** Error against iterations. Training: means over windows of steps, the same windows for every seed. */
export interface TrialCurves {
  readonly train: readonly CurvePoint[];
  readonly validation: readonly CurvePoint[];
}

export interface TrialResults {
  readonly errors: TrialErrors;
  readonly curves: TrialCurves;
}

/** As many as a figure can tell apart. */
const NUM_WINDOWS = 60;

/** The run itself, or what memory keeps of one that is over. */
export type KnownRun = TrainingRun | EndedTraining;

/** Results of runs; those of a run whose detail is on disk only are read once and kept, some 5 kB each. */
export class ResultCache {
  readonly #runs: RunRegistry;
  readonly #settled = new Map<string, Promise<TrialResults>>();

  constructor(runs: RunRegistry) {
    this.#runs = runs;
  }

  of(run: KnownRun): Promise<TrialResults> {
    if ('record' in run && run.loadedDetail !== undefined)
      return Promise.resolve(trialResults(run.record, run.loadedDetail.training));
    const held = this.#settled.get(run.id);
    if (held !== undefined) return held;
    const reading = this.#read(run.id);
    this.#settled.set(run.id, reading);
    reading.catch(() => this.#settled.delete(run.id));
    return reading;
  }

  async #read(id: string): Promise<TrialResults> {
    const run = await this.#runs.findTraining(id);
    if (run === undefined) throw new Error(`run ${id} was deleted meanwhile`);
    return await run.detail.ask(({ training }) => trialResults(run.record, training));
  }
}

/** What a run's steps and evaluations say of its errors. */
export function trialResults(
  record: TrainingRecord,
  commits: Pick<TrainingCommits, 'series' | 'evaluations'>,
): TrialResults {
  return commits.series.reading(() => resultsOf(record, commits));
}

function resultsOf(record: TrainingRecord, commits: Pick<TrainingCommits, 'series' | 'evaluations'>): TrialResults {
  const { series, evaluations } = commits;
  const numbers = trainingTimeline(record);
  const last = series.lastStep;
  const windowSteps = Math.max(1, Math.ceil(totalSteps(numbers) / NUM_WINDOWS));
  const train: CurvePoint[] = [];
  for (let end = windowSteps; end - windowSteps < last; end += windowSteps) {
    const error = meanError(commits, end - windowSteps + 1, end);
    if (error !== null) train.push({ step: Math.min(end, last), error });
  }
  const validation = evaluations.map(({ step, accuracy }) => ({ step, error: 1 - accuracy }));
  return {
    errors: {
      trainError: meanError(commits, last - stepsPerEpoch(numbers) + 1, last),
      validationError: validation.at(-1)?.error ?? null,
      bestValidationError: validation.length === 0 ? null : Math.min(...validation.map(({ error }) => error)),
    },
    curves: { train, validation },
  };
}

/** Over the samples of the steps in [from, to]; the last step of an epoch is smaller and counts for less. */
function meanError({ series }: Pick<TrainingCommits, 'series'>, from: number, to: number): number | null {
  const totals = series.totals(from, to);
  const samples = totals.sum('samples');
  return samples === 0 ? null : totals.wrong / samples;
}
