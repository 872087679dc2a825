import type { RunEvent } from '#contracts';
import type { RunFiles } from '../storage/run-files.js';
import type { RunRecord } from '../storage/run-record.schema.js';
import { DamagedStoreError } from '../step-store/block-file.js';
import { RunDetail } from './run-detail.js';

/** A run's detail: in memory while the run is not over, else read when somebody asks. */
export class HeldDetail {
  readonly #files: RunFiles;
  readonly #record: () => RunRecord;
  #held: RunDetail | undefined;
  /** Reading it, while that is under way. */
  #reading: Promise<RunDetail> | undefined;

  constructor(files: RunFiles, record: () => RunRecord) {
    this.#files = files;
    this.#record = record;
  }

  /** The detail, if it is in memory. */
  get loaded(): RunDetail | undefined {
    return this.#held;
  }

  /** It is on disk only, and nobody reads it. */
  get isAway(): boolean {
    return this.#held === undefined && this.#reading === undefined;
  }

  /** In memory from now on, from disk where need be. */
  async open(): Promise<RunDetail> {
    return (this.#held ??= await this.read());
  }

  letGo(): void {
    this.#held = undefined;
  }

  /** Only to be looked at, without waiting: the detail of a run that is over is not kept. Read once for all who ask meanwhile. */
  async read(): Promise<RunDetail> {
    return this.#held ?? (await this.#read(false));
  }

  /**
   * What a query finds. Columns that turn out to be damaged are made anew from what they are derived of, and the query is
   * tried once more.
   */
  async ask<T>(query: (detail: RunDetail) => T): Promise<T> {
    const detail = await this.read();
    try {
      return query(detail);
    } catch (error) {
      if (!(error instanceof DamagedStoreError)) throw error;
      return query(await this.mended());
    }
  }

  /** The detail with its columns made anew from what they are derived of. */
  async mended(): Promise<RunDetail> {
    await this.#files.sync();
    const isHeld = this.#held !== undefined;
    const detail = await this.#read(true);
    if (isHeld) this.#held = detail;
    return detail;
  }

  /** The lines of the journal after the one of a number. To be handed on without waiting: more may come. */
  async eventsAfter(id: number): Promise<RunEvent[]> {
    const first = this.#held?.journal.newest[0];
    const older = first !== undefined && first.id <= id + 1 ? [] : await this.#files.journalAfter(id);
    const last = older.at(-1)?.id ?? id;
    return [...older, ...(this.#held?.journal.newest ?? []).filter((event) => event.id > last)];
  }

  #read(isWhole: boolean): Promise<RunDetail> {
    this.#reading ??= RunDetail.read(this.#record(), this.#files, isWhole).finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }
}
