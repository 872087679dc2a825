import { Inject, Injectable } from '@nestjs/common';
import { removeStored, uploadCheckpoint } from '#checkpoints';
import { addressIn } from '#contracts';
import { endingAfter, openWritableStore, probeWriting, type WritableStore, type WrittenBytes } from '#stores';
import type { CoordinatorConfig } from '../config/coordinator.config.js';
import { CONFIG } from '../config/settings.js';

/** A person waits for what is written. */
const WRITE_MS = 120_000;
const REMOVE_MS = 30_000;
const PROBE_MS = 15_000;

/** What the coordinator itself puts into the stores of runs, and takes away there. Calls reject as those of WritableStore do. */
@Injectable()
export class StoredFiles {
  readonly #settings: CoordinatorConfig['stores'];

  constructor(@Inject(CONFIG) { stores }: Pick<CoordinatorConfig, 'stores'>) {
    this.#settings = stores;
  }

  /** What keeps a store from being written to, in words; undefined where nothing does. */
  probe(location: string): Promise<string | undefined> {
    return probeWriting({ location, settings: this.#settings }, PROBE_MS);
  }

  /** Resolves with the address of the file. */
  async write(folder: string, name: string, bytes: WrittenBytes): Promise<string> {
    await this.#at(folder, WRITE_MS, (store, signal) => store.write(name, bytes, { signal }));
    return addressIn(folder, name);
  }

  /** Brings a checkpoint on this host's disk to a run's folder; resolves with its address there. */
  async writeCheckpoint(folder: string, from: string): Promise<string> {
    return addressIn(
      folder,
      await this.#at(folder, WRITE_MS, (store, signal) => uploadCheckpoint(store, from, { signal })),
    );
  }

  /** All that lies below a folder. */
  async removeFolder(folder: string): Promise<void> {
    await this.#at(folder, REMOVE_MS, (store, signal) => removeStored(store, '', { signal }));
  }

  async #at<T>(
    location: string,
    limitMs: number,
    work: (store: WritableStore, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const store = openWritableStore({ location, settings: this.#settings });
    const late = `${location} did not answer within ${limitMs / 1000} s`;
    try {
      return await endingAfter(limitMs, late, (signal) => work(store, signal));
    } finally {
      store.close();
    }
  }
}
