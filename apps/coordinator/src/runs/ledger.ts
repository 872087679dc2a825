import { samplesInStep, stepsPerEpoch, type LedgerStep, type RunView, type TimelineNumbers } from '#contracts';
import { LedgerChain } from './ledger-chain.js';
import type { StepSeries } from './step-series.js';

type LedgerRow = RunView['ledger'][number];

/**
 * Samples committed per epoch, counted from the steps that were reported. A step below the newest one that nobody
 * reported leaves its samples missing; samples beyond what a step holds count as repeated. Counted as steps arrive:
 * asking costs one row per epoch.
 */
export class Ledger {
  private readonly rows: LedgerRow[] = [];
  private readonly stepsPerEpoch: number;
  private countedTo = 0;
  private readonly chain: LedgerChain;

  constructor(private readonly numbers: TimelineNumbers) {
    this.stepsPerEpoch = stepsPerEpoch(numbers);
    this.chain = new LedgerChain(this.stepsPerEpoch);
  }

  /** Brings the ledger up to the newest step of the series. */
  view(series: StepSeries): LedgerRow[] {
    for (let step = this.countedTo + 1; step <= series.lastStep; step += 1)
      this.count(step, series.samplesOf(step) ?? 0, 1);
    this.countedTo = series.lastStep;
    return this.rows.map((row) => ({ ...row, chain: this.chain.ofEpoch(series, row.epoch) }));
  }

  /** Must be told of a step that arrives below the newest, or that is replaced, before the series takes it in. */
  recount(step: number, samplesBefore: number, samplesNow: number): void {
    this.chain.forgetFrom(step);
    if (step > this.countedTo) return;
    this.count(step, samplesBefore, -1);
    this.count(step, samplesNow, 1);
  }

  /** The steps held from `from` on, at most `limit`. */
  steps(series: StepSeries, from: number, limit: number): LedgerStep[] {
    return this.chain.steps(series, from, limit);
  }

  private count(step: number, samples: number, sign: 1 | -1): void {
    const epoch = Math.floor((step - 1) / this.stepsPerEpoch);
    const due = samplesInStep(this.numbers, (step - 1) % this.stepsPerEpoch);
    const expected = this.numbers.numTrainSamples;
    const row = (this.rows[epoch] ??= { epoch, samples: 0, expected, missing: 0, repeated: 0, chain: null });
    row.samples += sign * samples;
    row.missing += sign * Math.max(0, due - samples);
    row.repeated += sign * Math.max(0, samples - due);
  }
}
