import type { StepMetrics } from '#contracts';
import { DigestColumn } from './digest-column.js';

const COLUMNS = [
  'round',
  'epoch',
  'loss',
  'accuracy',
  'samples',
  'leftOut',
  'learningRate',
  'gradientNorm',
  'at',
  'durationMs',
  'dataMs',
  'computeMs',
  'exchangeMs',
  'updateMs',
] as const;
type Column = (typeof COLUMNS)[number];

/** Samples that a step was made of, and those of unreadable files that it lacks. */
export interface StepSamples {
  readonly committed: number;
  readonly leftOut: number;
}

/** What became of a step handed to the series. */
export type StepOutcome = 'new' | 'same' | 'differs';

/** The committed steps of a run, keyed by step: 130 bytes each, in columns, so that half a million take 65 MB. */
export class StepSeries {
  readonly #columns: Record<Column, Float64Array>;
  #present = new Uint8Array(0);
  #digests = new DigestColumn();
  #newest = 0;

  constructor() {
    this.#columns = Object.fromEntries(COLUMNS.map((name) => [name, new Float64Array(0)])) as Record<
      Column,
      Float64Array
    >;
  }

  /** Highest step held; 0 when there is none. */
  get lastStep(): number {
    return this.#newest;
  }

  /** Keeps the first report of a step. `differs`: it was there with another loss or gradient, and is replaced. */
  put(metrics: StepMetrics): StepOutcome {
    const row = metrics.step - 1;
    const isHeld = this.#present[row] === 1;
    const heldDigest = this.#digests.get(row);
    const isSameDigest = heldDigest === undefined || metrics.digest === undefined || heldDigest === metrics.digest;
    if (isHeld && isSameDigest && this.#columns.loss[row] === metrics.loss) return 'same';
    this.#reserve(metrics.step);
    this.#present[row] = 1;
    this.#newest = Math.max(this.#newest, metrics.step);
    const { timings, step: _step, digest, leftOut = 0, gradientNorm = Number.NaN, ...numbers } = metrics;
    this.#digests.set(row, digest);
    for (const [name, value] of Object.entries({ ...numbers, leftOut, gradientNorm, ...timings }))
      this.#columns[name as Column][row] = value;
    return isHeld ? 'differs' : 'new';
  }

  get(step: number): StepMetrics | undefined {
    const row = step - 1;
    if (this.#present[row] !== 1) return undefined;
    const at = (name: Column): number => this.#columns[name][row] ?? 0;
    const digest = this.#digests.get(row);
    const leftOut = at('leftOut');
    const gradientNorm = at('gradientNorm');
    return {
      step,
      round: at('round'),
      epoch: at('epoch'),
      loss: at('loss'),
      accuracy: at('accuracy'),
      samples: at('samples'),
      ...(leftOut > 0 && { leftOut }),
      learningRate: at('learningRate'),
      ...(!Number.isNaN(gradientNorm) && { gradientNorm }),
      at: at('at'),
      durationMs: at('durationMs'),
      timings: {
        dataMs: at('dataMs'),
        computeMs: at('computeMs'),
        exchangeMs: at('exchangeMs'),
        updateMs: at('updateMs'),
      },
      ...(digest === undefined ? {} : { digest }),
    };
  }

  /** Samples of a step; undefined where the step is missing. */
  samplesOf(step: number): StepSamples | undefined {
    if (this.#present[step - 1] !== 1) return undefined;
    return { committed: this.#columns.samples[step - 1] ?? 0, leftOut: this.#columns.leftOut[step - 1] ?? 0 };
  }

  lossOf(step: number): number | undefined {
    return this.#present[step - 1] === 1 ? this.#columns.loss[step - 1] : undefined;
  }

  /** The steps held in [from, to]. */
  *stepsBetween(from: number, to: number): Generator<number> {
    for (let step = Math.max(1, from); step <= Math.min(to, this.#newest); step += 1) {
      if (this.#present[step - 1] === 1) yield step;
    }
  }

  #reserve(numSteps: number): void {
    if (numSteps <= this.#present.length) return;
    const capacity = Math.max(1_024, numSteps, this.#present.length * 2);
    const grown = new Uint8Array(capacity);
    grown.set(this.#present);
    this.#present = grown;
    this.#digests.grow(capacity);
    for (const name of COLUMNS) {
      const column = new Float64Array(capacity);
      column.set(this.#columns[name]);
      this.#columns[name] = column;
    }
  }
}
