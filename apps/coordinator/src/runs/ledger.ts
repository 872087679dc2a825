import { samplesInStep, stepsPerEpoch, type LedgerStep, type RunView, type TimelineNumbers } from '#contracts';
import { LedgerChain, type ChainState } from './ledger-chain.js';
import type { StepSamples, StepSeries } from './step-series.js';

type LedgerRow = RunView['ledger'][number];

const NO_SAMPLES: StepSamples = { committed: 0, leftOut: 0 };

/** A ledger counted up to the newest step. */
export interface LedgerState {
  readonly rows: Omit<LedgerRow, 'chain'>[];
  readonly chain: ChainState;
}

/**
 * Samples committed per epoch, counted from the steps that were reported. A step below the newest one that nobody
 * reported leaves its samples missing, those of unreadable files are left out; samples beyond what a step holds count as
 * repeated. Counted as steps arrive: asking costs one row per epoch.
 */
export class Ledger {
  readonly #numbers: TimelineNumbers;
  #rows: Omit<LedgerRow, 'chain'>[] = [];
  readonly #stepsPerEpoch: number;
  #countedTo = 0;
  readonly #chain: LedgerChain;

  constructor(numbers: TimelineNumbers) {
    this.#numbers = numbers;
    this.#stepsPerEpoch = stepsPerEpoch(numbers);
    this.#chain = new LedgerChain(this.#stepsPerEpoch);
  }

  /** Brings the ledger up to the newest step of the series. */
  view(series: StepSeries): LedgerRow[] {
    this.#countOn(series);
    return this.#rows.map((row) => ({ ...row, chain: this.#chain.ofEpoch(series, row.epoch) }));
  }

  state(series: StepSeries): LedgerState {
    this.#countOn(series);
    return { rows: this.#rows.map((row) => ({ ...row })), chain: this.#chain.state(series) };
  }

  resume({ rows, chain }: LedgerState, series: StepSeries): void {
    this.#rows = rows.map((row) => ({ ...row }));
    this.#countedTo = series.lastStep;
    this.#chain.resume(chain, series);
  }

  /** Must be told of a step that arrives below the newest, or that is replaced, before the series takes it in. */
  recount(
    series: StepSeries,
    step: number,
    { before, now }: { readonly before: StepSamples | undefined; readonly now: StepSamples },
  ): void {
    this.#chain.forgetFrom(step, series);
    if (step > this.#countedTo) return;
    this.#count(step, before ?? NO_SAMPLES, -1);
    this.#count(step, now, 1);
  }

  /** The steps held from `from` on, at most `limit`. */
  steps(series: StepSeries, from: number, limit: number): LedgerStep[] {
    return this.#chain.steps(series, from, limit);
  }

  #countOn(series: StepSeries): void {
    series.reading(() => {
      for (let step = this.#countedTo + 1; step <= series.lastStep; step += 1)
        this.#count(step, series.samplesOf(step) ?? NO_SAMPLES, 1);
    });
    this.#countedTo = series.lastStep;
  }

  #count(step: number, { committed, leftOut }: StepSamples, sign: 1 | -1): void {
    const epoch = Math.floor((step - 1) / this.#stepsPerEpoch);
    const due = samplesInStep(this.#numbers, (step - 1) % this.#stepsPerEpoch);
    const expected = this.#numbers.numTrainSamples;
    const row = (this.#rows[epoch] ??= { epoch, samples: 0, expected, missing: 0, repeated: 0 });
    const lacking = due - committed - leftOut;
    row.samples += sign * committed;
    row.missing += sign * Math.max(0, lacking);
    row.repeated += sign * Math.max(0, -lacking);
    const leftOutSoFar = (row.leftOut ?? 0) + sign * leftOut;
    if (leftOutSoFar > 0) row.leftOut = leftOutSoFar;
    else delete row.leftOut;
  }
}
