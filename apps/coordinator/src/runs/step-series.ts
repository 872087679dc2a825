import { areComparable, type StepMetrics } from '#contracts';
import { StepColumns } from '../step-store/step-columns.js';
import { chainAt, numberAt, rowMetrics, setChain, setRow, digestAt, type FoundRow } from '../step-store/step-rows.js';
import type { StepTotals } from '../step-store/step-totals.js';

/** Samples that a step was made of, and those of unreadable files that it lacks. */
export interface StepSamples {
  readonly committed: number;
  readonly leftOut: number;
}

/** What became of a step handed to the series. */
export type StepOutcome = 'new' | 'same' | 'differs';

/** The committed steps of a run, keyed by step, in columns on disk; the newest ones are in memory. */
export class StepSeries {
  readonly #columns: StepColumns;
  #newest = 0;
  /** The last step that is on disk with all before it. */
  #savedTo = 0;
  #changesSaved = false;

  /** Default of `folder`: everything stays in memory. */
  constructor(folder: string | null = null) {
    this.#columns = new StepColumns(folder);
  }

  /** Goes on from what was saved up to a step; what lies behind it is thrown away. Throws DamagedStoreError. */
  resume(lastStep: number): void {
    this.#newest = lastStep;
    this.#savedTo = lastStep;
    this.#columns.trim(lastStep);
  }

  /** Highest step held; 0 when there is none. */
  get lastStep(): number {
    return this.#newest;
  }

  /** Blocks of sixteen steps that are in memory alone. */
  get numUnsavedBlocks(): number {
    return this.#columns.numEdited;
  }

  /** Steps that were saved before have changed since: a snapshot of then does not describe them once they are written. */
  get changesSaved(): boolean {
    return this.#changesSaved;
  }

  /** Keeps the first report of a step. `differs`: it was there with another loss or gradient, and is replaced. */
  put(metrics: StepMetrics): StepOutcome {
    const { step, digest, loss } = metrics;
    const held = this.#find(step);
    if (held !== undefined) {
      const heldDigest = digestAt(held.block, held.row);
      const isOtherDigest = areComparable(heldDigest, digest) && heldDigest !== digest;
      if (!isOtherDigest && numberAt(held.block, held.row, 'loss') === loss) return 'same';
    }
    const { block, row } = this.#columns.edit(step, true);
    setRow(block, row, metrics);
    this.#newest = Math.max(this.#newest, step);
    if (step <= this.#savedTo) this.#changesSaved = true;
    return held === undefined ? 'new' : 'differs';
  }

  get(step: number): StepMetrics | undefined {
    const found = this.#find(step);
    return found && rowMetrics(found.block, found.row, step);
  }

  /** Samples of a step; undefined where the step is missing. */
  samplesOf(step: number): StepSamples | undefined {
    const found = this.#find(step);
    if (found === undefined) return undefined;
    const { block, row } = found;
    return { committed: numberAt(block, row, 'samples'), leftOut: numberAt(block, row, 'leftOut') };
  }

  /** The steps held in [from, to], at most `limit`, as they lie in their blocks. */
  rows(from: number, to: number, limit = Number.POSITIVE_INFINITY): FoundRow[] {
    return this.#columns.rows(from, Math.min(to, this.#newest), limit);
  }

  /** What the steps of [from, to] come to. Costs some dozen blocks, however many steps these are. */
  totals(from: number, to: number): StepTotals {
    return this.#columns.totals(from, Math.min(to, this.#newest), this.#newest);
  }

  /** Writes down the hash chain after a step that is held. */
  setChain(step: number, chain: string): void {
    const { block, row } = this.#columns.edit(step, false);
    setChain(block, row, chain);
  }

  /** What `setChain` wrote down. */
  chainOf(step: number): string | undefined {
    const found = this.#find(step);
    return found && chainAt(found.block, found.row);
  }

  /** Opens the files once for all that `work` reads. */
  reading<T>(work: () => T): T {
    return this.#columns.reading(work);
  }

  /** The steps as they are now; the result puts them on disk. */
  copied(): () => Promise<void> {
    const write = this.#columns.copied();
    const savedTo = this.#newest;
    this.#changesSaved = false;
    return async () => {
      try {
        await write();
      } catch (error) {
        this.#changesSaved = true;
        throw error;
      }
      this.#savedTo = savedTo;
    };
  }

  #find(step: number): FoundRow | undefined {
    return step > this.#newest ? undefined : this.#columns.find(step);
  }
}
