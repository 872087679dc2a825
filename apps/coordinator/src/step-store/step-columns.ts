import { join } from 'node:path';
import { makeFolder } from '#files';
import { BlockFile, type Block } from './block-file.js';
import { clearRow, FAN, isThere, ROW_BLOCK_BYTES, type FoundRow } from './step-rows.js';
import { StepTotals, TOTALS_BLOCK_BYTES } from './step-totals.js';

/** Steps of one entry of each level of totals. */
const LEVELS = [FAN, FAN ** 2, FAN ** 3] as const;

/**
 * Rows by step, and above them totals of 16, 256 and 4,096 steps: any range of steps comes to some dozen of these.
 * A million steps take 161 MB of rows and 11 MB of totals.
 */
export class StepColumns {
  readonly #folder: string | null;
  readonly #rows: BlockFile;
  readonly #levels: readonly { readonly size: number; readonly file: BlockFile }[];
  /** Blocks of rows whose totals are out of date. */
  readonly #stale = new Set<number>();

  /** `folder`: null keeps everything in memory. */
  constructor(folder: string | null) {
    const pathOf = (name: string): string | null => (folder === null ? null : join(folder, name));
    this.#folder = folder;
    this.#rows = new BlockFile(pathOf('rows.bin'), ROW_BLOCK_BYTES);
    this.#levels = LEVELS.map((size) => ({
      size,
      file: new BlockFile(pathOf(`totals-${size}.bin`), TOTALS_BLOCK_BYTES),
    }));
  }

  /** Blocks of rows that are in memory alone. */
  get numEdited(): number {
    return this.#rows.numEdited;
  }

  /** Undefined where the step is missing. */
  find(step: number): FoundRow | undefined {
    if (step < 1) return undefined;
    const block = this.#rows.read(Math.floor((step - 1) / FAN));
    const row = (step - 1) % FAN;
    return block !== undefined && isThere(block, row) ? { step, block, row } : undefined;
  }

  /** The steps held in [from, to], at most `limit` of them. Looks up each block once. */
  rows(from: number, to: number, limit: number): FoundRow[] {
    const found: FoundRow[] = [];
    for (let step = Math.max(1, from); step <= to && found.length < limit;) {
      const block = this.#rows.read(Math.floor((step - 1) / FAN));
      const end = Math.min(to, step + FAN - 1 - ((step - 1) % FAN));
      for (; step <= end && found.length < limit; step += 1) {
        const row = (step - 1) % FAN;
        if (block !== undefined && isThere(block, row)) found.push({ step, block, row });
      }
    }
    return found;
  }

  /** To be changed. `changesTotals`: not so where only the chain is written. */
  edit(step: number, changesTotals: boolean): { readonly block: Block; readonly row: number } {
    const index = Math.floor((step - 1) / FAN);
    if (changesTotals) this.#stale.add(index);
    return { block: this.#rows.edit(index), row: (step - 1) % FAN };
  }

  /** Opens every file once for all of `work`. */
  reading<T>(work: () => T): T {
    let all = (): T => this.#rows.reading(work);
    for (const { file } of this.#levels) {
      const inner = all;
      all = () => file.reading(inner);
    }
    return all();
  }

  /** What [from, to] comes to. `to` is at most `last`, the last step there is. */
  totals(from: number, to: number, last: number): StepTotals {
    this.#settle();
    const totals = StepTotals.none();
    for (let before = Math.max(1, from) - 1; before < to;) {
      const fits = (size: number): boolean => before % size === 0 && (before + size <= to || to === last);
      const level = this.#levels.findLast(({ size }) => fits(size));
      if (level === undefined) {
        const end = Math.min(to, before + FAN - (before % FAN));
        const block = this.#rows.read(Math.floor(before / FAN));
        for (; before < end; before += 1) if (block) totals.addRow(block, before % FAN, before + 1);
        continue;
      }
      const index = before / level.size;
      const block = level.file.read(Math.floor(index / FAN));
      if (block) totals.add(StepTotals.in(block, index % FAN));
      before += level.size;
    }
    return totals;
  }

  /** Takes away what lies behind a step: it was written after the last snapshot. */
  trim(last: number): void {
    if (last === 0) {
      for (const file of this.#files()) file.truncate(0);
      return;
    }
    const lastBlock = Math.floor((last - 1) / FAN);
    this.#rows.truncate(lastBlock + 1);
    for (let step = last + 1; step <= (lastBlock + 1) * FAN; step += 1) {
      if (this.find(step) === undefined) continue;
      const { block, row } = this.edit(step, true);
      clearRow(block, row);
    }
    for (const { size, file } of this.#levels) {
      const lastEntry = Math.floor((last - 1) / size);
      file.truncate(Math.floor(lastEntry / FAN) + 1);
      const block = file.read(Math.floor(lastEntry / FAN));
      const isBehind = (slot: number): boolean => block !== undefined && StepTotals.in(block, slot).count > 0;
      for (let slot = (lastEntry % FAN) + 1; slot < FAN; slot += 1)
        if (isBehind(slot)) StepTotals.in(file.edit(Math.floor(lastEntry / FAN)), slot).clear();
    }
    // The totals that hold the last step may hold later ones, too.
    this.#stale.add(lastBlock);
  }

  /** What was edited so far; the result puts it on disk. */
  copied(): () => Promise<void> {
    this.#settle();
    const copies = this.#files().map((file) => ({ file, blocks: file.copies() }));
    return async () => {
      if (this.#folder !== null) await makeFolder(this.#folder);
      for (const { file, blocks } of copies) await file.write(blocks);
    };
  }

  #files(): BlockFile[] {
    return [this.#rows, ...this.#levels.map(({ file }) => file)];
  }

  #settle(): void {
    if (this.#stale.size === 0) return;
    let stale = new Set(this.#stale);
    this.#levels.forEach(({ file }, level) => {
      for (const entry of stale) {
        const totals = StepTotals.in(file.edit(Math.floor(entry / FAN)), entry % FAN);
        totals.clear();
        this.#sumUp(totals, level, entry);
      }
      stale = new Set([...stale].map((entry) => Math.floor(entry / FAN)));
    });
    this.#stale.clear();
  }

  /** Of the sixteen rows or entries below an entry of a level. */
  #sumUp(totals: StepTotals, level: number, entry: number): void {
    const below = level === 0 ? this.#rows : this.#levels[level - 1]?.file;
    const block = below?.read(entry);
    if (block === undefined) return;
    for (let slot = 0; slot < FAN; slot += 1) {
      if (level === 0) totals.addRow(block, slot, entry * FAN + slot + 1);
      else totals.add(StepTotals.in(block, slot));
    }
  }
}
