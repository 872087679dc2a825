import type { Block } from './block-file.js';
import { FAN, isThere, numberAt, type Column } from './step-rows.js';

/** Columns that are added up step by step. */
const SUMMED = [
  'samples',
  'loss',
  'accuracy',
  'learningRate',
  'durationMs',
  'dataMs',
  'computeMs',
  'exchangeMs',
  'updateMs',
] as const satisfies readonly Column[];
type Summed = (typeof SUMMED)[number];

const COUNT = 0;
const FIRST = 1;
const LAST = 2;
const LEAST_STEP = 3;
const LEAST_LOSS = 4;
const GREATEST_STEP = 5;
const GREATEST_LOSS = 6;
const LAST_AT = 7;
const WRONG = 8;
const NUM_NORMS = 9;
const NORM = 10;
const SUMS = 11;
const NUM_FIELDS = SUMS + SUMMED.length;
/** 16 times the totals of a stretch: 160 bytes a stretch. */
export const TOTALS_BLOCK_BYTES = FAN * NUM_FIELDS * 8;

/** What a stretch of steps comes to. Steps are added in ascending order. */
export class StepTotals {
  readonly #fields: Float64Array;

  private constructor(fields: Float64Array) {
    this.#fields = fields;
  }

  static none(): StepTotals {
    return new StepTotals(new Float64Array(NUM_FIELDS));
  }

  /** One of the sixteen in a block; changes of it are changes of the block. */
  static in({ numbers }: Block, slot: number): StepTotals {
    return new StepTotals(numbers.subarray(slot * NUM_FIELDS, (slot + 1) * NUM_FIELDS));
  }

  clear(): void {
    this.#fields.fill(0);
  }

  /** A later stretch. */
  add(later: StepTotals): void {
    const [mine, other] = [this.#fields, later.#fields];
    if (later.count === 0) return;
    this.#extremes(other);
    mine[COUNT] = this.count + later.count;
    for (const field of [WRONG, NUM_NORMS, NORM]) mine[field] = (mine[field] ?? 0) + (other[field] ?? 0);
    for (let field = SUMS; field < NUM_FIELDS; field += 1) mine[field] = (mine[field] ?? 0) + (other[field] ?? 0);
  }

  /** A later step, if it is there. */
  addRow(block: Block, row: number, step: number): void {
    if (!isThere(block, row)) return;
    const fields = this.#fields;
    const loss = numberAt(block, row, 'loss');
    const at = numberAt(block, row, 'at');
    this.#extremes([1, step, step, step, loss, step, loss, at]);
    fields[COUNT] = this.count + 1;
    const wrong = (1 - numberAt(block, row, 'accuracy')) * numberAt(block, row, 'samples');
    fields[WRONG] = (fields[WRONG] ?? 0) + wrong;
    const norm = numberAt(block, row, 'gradientNorm');
    if (!Number.isNaN(norm)) {
      fields[NUM_NORMS] = (fields[NUM_NORMS] ?? 0) + 1;
      fields[NORM] = (fields[NORM] ?? 0) + norm;
    }
    SUMMED.forEach((name, index) => {
      fields[SUMS + index] = (fields[SUMS + index] ?? 0) + numberAt(block, row, name);
    });
  }

  #extremes(other: ArrayLike<number>): void {
    const mine = this.#fields;
    const isFirst = this.count === 0;
    if (isFirst) mine[FIRST] = other[FIRST] ?? 0;
    mine[LAST] = other[LAST] ?? 0;
    mine[LAST_AT] = other[LAST_AT] ?? 0;
    if (isFirst || (other[LEAST_LOSS] ?? 0) < this.leastLoss) {
      mine[LEAST_STEP] = other[LEAST_STEP] ?? 0;
      mine[LEAST_LOSS] = other[LEAST_LOSS] ?? 0;
    }
    if (isFirst || (other[GREATEST_LOSS] ?? 0) > this.greatestLoss) {
      mine[GREATEST_STEP] = other[GREATEST_STEP] ?? 0;
      mine[GREATEST_LOSS] = other[GREATEST_LOSS] ?? 0;
    }
  }

  /** Steps that are there. */
  get count(): number {
    return this.#fields[COUNT] ?? 0;
  }
  get first(): number {
    return this.#fields[FIRST] ?? 0;
  }
  get last(): number {
    return this.#fields[LAST] ?? 0;
  }
  get leastStep(): number {
    return this.#fields[LEAST_STEP] ?? 0;
  }
  get leastLoss(): number {
    return this.#fields[LEAST_LOSS] ?? 0;
  }
  get greatestStep(): number {
    return this.#fields[GREATEST_STEP] ?? 0;
  }
  get greatestLoss(): number {
    return this.#fields[GREATEST_LOSS] ?? 0;
  }
  /** When the last step was applied. */
  get lastAt(): number {
    return this.#fields[LAST_AT] ?? 0;
  }
  /** Samples whose prediction was wrong. */
  get wrong(): number {
    return this.#fields[WRONG] ?? 0;
  }
  /** Null where no step has a norm. */
  get meanNorm(): number | null {
    const count = this.#fields[NUM_NORMS] ?? 0;
    return count === 0 ? null : (this.#fields[NORM] ?? 0) / count;
  }
  sum(name: Summed): number {
    return this.#fields[SUMS + SUMMED.indexOf(name)] ?? 0;
  }
  mean(name: Summed): number {
    return this.sum(name) / this.count;
  }
}
