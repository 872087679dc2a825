import { CHAIN_START, chainAfter, type LedgerStep, type StepMetrics } from '#contracts';
import type { StepSeries } from './step-series.js';

/**
 * The hash chain over a run's committed steps. Remembered at the end of every epoch, so that asking for it again costs
 * the steps since then, some 3 µs each.
 */
export class LedgerChain {
  readonly #stepsPerEpoch: number;
  /** The chain after each epoch that is whole, from the first on. */
  readonly #ends: string[] = [];
  /** The newest chain asked for. */
  #head: { readonly step: number; readonly chain: string } = { step: 0, chain: CHAIN_START };

  constructor(stepsPerEpoch: number) {
    this.#stepsPerEpoch = stepsPerEpoch;
  }

  /** A step has come late or changed: what follows from it is computed again. */
  forgetFrom(step: number): void {
    const epoch = Math.floor((step - 1) / this.#stepsPerEpoch);
    this.#ends.splice(epoch);
    if (this.#head.step >= step)
      this.#head = { step: epoch * this.#stepsPerEpoch, chain: this.#ends.at(-1) ?? CHAIN_START };
  }

  /** The chain after the newest step of the epoch; null where something is missing up to there. */
  ofEpoch(series: StepSeries, epoch: number): string | null {
    this.#advance(series);
    const end = (epoch + 1) * this.#stepsPerEpoch;
    const newest = Math.min(end, series.lastStep);
    if (newest === this.#head.step) return this.#head.chain;
    return newest === end ? (this.#ends[epoch] ?? null) : null;
  }

  /** The steps held from `from` on, at most `limit`, each with the chain after it. */
  steps(series: StepSeries, from: number, limit: number): LedgerStep[] {
    this.#advance(series);
    const epoch = Math.min(Math.floor((from - 1) / this.#stepsPerEpoch), this.#ends.length);
    let chain: string | null = epoch === 0 ? CHAIN_START : (this.#ends[epoch - 1] ?? null);
    let expected = epoch * this.#stepsPerEpoch + 1;
    const steps: LedgerStep[] = [];
    for (const step of series.stepsBetween(expected, series.lastStep)) {
      if (steps.length === limit) break;
      const metrics = series.get(step);
      if (metrics === undefined) continue;
      chain = step === expected ? next(chain, metrics) : null;
      expected = step + 1;
      if (step >= from) steps.push({ ...ledgerFacts(metrics), chain });
    }
    return steps;
  }

  #advance(series: StepSeries): void {
    for (let step = this.#head.step + 1; step <= series.lastStep; step += 1) {
      const metrics = series.get(step);
      const chain = metrics === undefined ? null : next(this.#head.chain, metrics);
      if (chain === null) return;
      this.#head = { step, chain };
      if (step % this.#stepsPerEpoch === 0) this.#ends[step / this.#stepsPerEpoch - 1] = chain;
    }
  }
}

function next(before: string | null, { step, loss, digest }: StepMetrics): string | null {
  return before === null || digest === undefined ? null : chainAfter(before, { step, loss, digest });
}

function ledgerFacts(metrics: StepMetrics): Omit<LedgerStep, 'chain'> {
  const { step, epoch, samples, leftOut, loss, learningRate, digest } = metrics;
  const lacking = leftOut === undefined ? {} : { leftOut };
  return { step, epoch, samples, ...lacking, loss, learningRate, digest: digest ?? null };
}
