import { parseLocation } from '#contracts';
import { openLocalFiles, type LocalFiles, type PathOptions } from './local-files.js';
import { openStore } from './open-store.js';
import type { Limits } from './remote/patience.js';
import type { StoreSettings } from './store-settings.js';
import type { Store } from './store.js';

interface OpenPlace {
  readonly store: Store;
  readonly files: LocalFiles;
}

/**
 * Files of any place by their addresses, as paths of this host's disk: a path is one already, what lies behind the network is
 * fetched into the shard cache. What is opened on the way stays open until `close`.
 */
export class AddressedFiles {
  readonly #settings: StoreSettings;
  readonly #limits: Limits | undefined;
  readonly #places = new Map<string, OpenPlace>();

  constructor(settings: StoreSettings, limits?: Limits) {
    this.#settings = settings;
    this.#limits = limits;
  }

  /** Undefined where a store has no such file; a path is not looked at. Rejects as Store does. */
  async pathOf(address: string, options: PathOptions = {}): Promise<string | undefined> {
    const { folder, name } = placeOf(address);
    if (folder === undefined) return address;
    const { store, files } = this.#open(folder);
    const { signal } = options;
    const found = await store.stat(name, { ...(signal && { signal }) });
    return found === null ? undefined : await files.pathOf(found, options);
  }

  close(): void {
    for (const { store, files } of this.#places.values()) {
      files.close();
      store.close();
    }
    this.#places.clear();
  }

  #open(location: string): OpenPlace {
    const known = this.#places.get(location);
    if (known !== undefined) return known;
    const source = { location, settings: this.#settings };
    const limits = this.#limits;
    const place = { store: openStore(source, limits), files: openLocalFiles(source, limits && { limits }) };
    this.#places.set(location, place);
    return place;
  }
}

/** A bucket is opened once, whatever lies in it. No folder: a path of the disk. */
function placeOf(address: string): { readonly folder: string | undefined; readonly name: string } {
  const parsed = parseLocation(address);
  switch (parsed.kind) {
    case 'disk':
      return { folder: undefined, name: address };
    case 's3':
      return { folder: `s3://${parsed.bucket}`, name: parsed.prefix.replace(/\/$/, '') };
    case 'http': {
      const end = parsed.url.lastIndexOf('/', parsed.url.length - 2) + 1;
      return { folder: parsed.url.slice(0, end), name: decodeURIComponent(parsed.url.slice(end, -1)) };
    }
  }
}
