import { RefusedInputError, stepsPerEpoch, trainingTimeline } from '#contracts';
import { isTraining, type LiveRun, type TrainingRun } from '../runs/live-run.js';
import type { RunHappening } from '../runs/run-events.js';
import { NotYetKnownError, type WholeCheckpoints } from './whole-checkpoints.js';

const MS_PER_HOUR = 3_600_000;
type End = Extract<RunHappening, { kind: 'ended-early' }>['end'];

/** Ends runs whose time is used up, and gives those that end early their last checkpoint once their workers have left. */
export class EarlyEnds {
  readonly #checkpoints: WholeCheckpoints;
  readonly #clock: () => number;

  constructor(checkpoints: WholeCheckpoints, clock: () => number) {
    this.#checkpoints = checkpoints;
    this.#clock = clock;
  }

  /** Throws where what happens to the run cannot be put on disk: the next look finds it again. */
  async observe(run: LiveRun): Promise<void> {
    if (!isTraining(run)) return;
    await this.#judgeTime(run);
    const { ending, isIncarnationOver } = run.record;
    if (ending === null || !isIncarnationOver) return;
    const end = await this.#endOf(run);
    if (end === undefined) return;
    await run.dispatch({ kind: 'ended-early', at: this.#clock(), end });
  }

  async #judgeTime(run: TrainingRun): Promise<void> {
    const { spec, state, origin } = run.record;
    const hours = spec.stopWhen?.hours;
    if (hours === undefined || (state !== 'running' && state !== 'pending')) return;
    // A clone has not trained the steps before the checkpoint it began with.
    const from = (origin?.step ?? 0) + 1;
    const trainedMs = await run.detail.ask(({ training: { series } }) =>
      series.totals(from, series.lastStep).sum('durationMs'),
    );
    if (trainedMs < hours * MS_PER_HOUR) return;
    const reason = `its training time of ${hours} ${hours === 1 ? 'hour' : 'hours'} is used up`;
    await run.dispatch({ kind: 'time-used-up', at: this.#clock(), reason });
  }

  /** Undefined while that is not known. */
  async #endOf(run: TrainingRun): Promise<End | undefined> {
    const { record } = run;
    try {
      const { checkpoint, damaged } = await this.#checkpoints.newest(record);
      if (damaged.length > 0) await run.dispatch({ kind: 'checkpoints-lost', at: this.#clock(), damaged });
      if (checkpoint === undefined) return { fault: 'none is whole' };
      const { step, weightsSha256 } = checkpoint;
      return { step, weightsSha256, epoch: Math.floor(step / stepsPerEpoch(trainingTimeline(record))) };
    } catch (error) {
      if (error instanceof NotYetKnownError) return undefined;
      if (!(error instanceof RefusedInputError)) throw error;
      return { fault: error.message };
    }
  }
}
