import { CHAIN_START, chainAfter, type LedgerStep } from '#contracts';
import { chainAt, digestAt, numberAt, type FoundRow } from '../step-store/step-rows.js';
import type { StepSeries } from './step-series.js';

/** What a chain remembers besides what is written down with the steps. */
export interface ChainState {
  /** The last step with a chain. */
  readonly step: number;
  /** The chain after each epoch that is whole, from the first on. */
  readonly ends: string[];
}

/**
 * The hash chain over a run's committed steps, written down with each of them: a page costs its own steps, wherever it
 * begins, and a step is hashed once.
 */
export class LedgerChain {
  readonly #stepsPerEpoch: number;
  #ends: string[] = [];
  /** The last step that is chained. */
  #head: { readonly step: number; readonly chain: string } = { step: 0, chain: CHAIN_START };

  constructor(stepsPerEpoch: number) {
    this.#stepsPerEpoch = stepsPerEpoch;
  }

  state(series: StepSeries): ChainState {
    this.#advance(series);
    return { step: this.#head.step, ends: [...this.#ends] };
  }

  resume({ step, ends }: ChainState, series: StepSeries): void {
    this.#ends = [...ends];
    this.#head = { step, chain: step === 0 ? CHAIN_START : (series.chainOf(step) ?? CHAIN_START) };
  }

  /** A step has come late or changed: what follows from it is computed again. */
  forgetFrom(step: number, series: StepSeries): void {
    this.#ends.splice(Math.floor((step - 1) / this.#stepsPerEpoch));
    if (this.#head.step < step) return;
    const before = step - 1;
    this.#head = { step: before, chain: before === 0 ? CHAIN_START : (series.chainOf(before) ?? CHAIN_START) };
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
    return series.reading(() =>
      series.rows(from, series.lastStep, limit).map((found) => ledgerStep(found, found.step <= this.#head.step)),
    );
  }

  #advance(series: StepSeries): void {
    if (this.#head.step === series.lastStep) return;
    series.reading(() => {
      for (let step = this.#head.step + 1; step <= series.lastStep; step += 1) {
        const metrics = series.get(step);
        if (metrics?.digest === undefined) return;
        const { loss, digest } = metrics;
        const chain = chainAfter(this.#head.chain, { step, loss, digest });
        series.setChain(step, chain);
        this.#head = { step, chain };
        if (step % this.#stepsPerEpoch === 0) this.#ends[step / this.#stepsPerEpoch - 1] = chain;
      }
    });
  }
}

/** Two literals, as a page has up to 10,000 of these: spreading one object into another costs ten times as much. */
function ledgerStep({ step, block, row }: FoundRow, isChained: boolean): LedgerStep {
  const epoch = numberAt(block, row, 'epoch');
  const samples = numberAt(block, row, 'samples');
  const leftOut = numberAt(block, row, 'leftOut');
  const loss = numberAt(block, row, 'loss');
  const learningRate = numberAt(block, row, 'learningRate');
  const digest = digestAt(block, row) ?? null;
  const chain = isChained ? chainAt(block, row) : null;
  return leftOut > 0
    ? { step, epoch, samples, leftOut, loss, learningRate, digest, chain }
    : { step, epoch, samples, loss, learningRate, digest, chain };
}
