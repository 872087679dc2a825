import type { OnApplicationShutdown } from '@nestjs/common';
import type { DatasetSpec } from '#contracts';
import type { Logger } from '#telemetry';
import { DatasetFiles } from '../storage/dataset-files.js';
import type { DatasetRecord } from '../storage/dataset-record.schema.js';
import { UnreadableRecordError } from '../storage/read-record.js';
import { UnreadableRecords } from '../storage/unreadable-records.js';

/** The named data sets of a data folder. What changes one is on disk before it counts. */
export class DatasetRegistry implements OnApplicationShutdown {
  readonly #files: DatasetFiles;
  readonly #clock: () => number;
  readonly #records = new Map<string, DatasetRecord>();
  /** Those whose records cannot be read, with the reason. Their files are not touched. */
  readonly unreadable = new UnreadableRecords();
  /** One change after the other: each sees what the one before has put on disk. */
  #changing: Promise<unknown> = Promise.resolve();

  private constructor(files: DatasetFiles, clock: () => number) {
    this.#files = files;
    this.#clock = clock;
  }

  /** Reads every named data set of the folder. A record that cannot be read is left alone and listed so. */
  static async open(dataDirectory: string, clock: () => number, logger: Logger): Promise<DatasetRegistry> {
    const files = new DatasetFiles(dataDirectory);
    const registry = new DatasetRegistry(files, clock);
    for (const name of await files.list()) {
      try {
        registry.#records.set(name, await files.read(name));
      } catch (error) {
        registry.unreadable.found(name, error, { kind: 'dataset', what: 'named data set', logger });
      }
    }
    return registry;
  }

  /** Throws UnreadableRecordError. */
  get(name: string): DatasetRecord | undefined {
    const reason = this.unreadable.get(name);
    if (reason !== undefined) throw new UnreadableRecordError(`data set ${name}: ${reason}`);
    return this.#records.get(name);
  }

  /** By name. */
  list(): DatasetRecord[] {
    return [...this.#records.values()].toSorted((left, right) => (left.name < right.name ? -1 : 1));
  }

  /** Gives a place a name that is free; undefined where it is taken by now. Its survey is to be begun. */
  create(name: string, dataset: DatasetSpec): Promise<DatasetRecord | undefined> {
    return this.#inTurn(async () => {
      if (this.get(name) !== undefined) return undefined;
      const now = this.#clock();
      const survey = { state: 'under-way', startedAt: now, finishedAt: null, problem: null } as const;
      return this.#save({ version: 1, name, createdAt: now, dataset, survey, versions: [], content: null });
    });
  }

  /** Changes a record; undefined where there is none (any more). Throws where it cannot be put on disk: then nothing has changed. */
  change(name: string, changed: (record: DatasetRecord) => DatasetRecord): Promise<DatasetRecord | undefined> {
    return this.#inTurn(async () => {
      const before = this.get(name);
      if (before === undefined) return undefined;
      const after = changed(before);
      return after === before ? before : this.#save(after);
    });
  }

  /** Takes a name away; what lies there stays. Undefined where there is none. */
  remove(name: string): Promise<DatasetRecord | undefined> {
    return this.#inTurn(async () => {
      const record = this.get(name);
      if (record === undefined) return undefined;
      await this.#files.remove(name);
      this.#records.delete(name);
      return record;
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#changing;
  }

  async #save(record: DatasetRecord): Promise<DatasetRecord> {
    await this.#files.save(record);
    this.#records.set(record.name, record);
    return record;
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const turn = this.#changing.then(change);
    this.#changing = turn.catch(() => undefined);
    return turn;
  }
}
