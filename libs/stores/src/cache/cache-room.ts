import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { RecoverableError } from '#contracts';
import { isMissing } from '#files';
import type { CacheSettings } from '../store-settings.js';
import { namesOf } from './cached-file.js';

/** A file that is being made grows all the time; one that does not is what a killed process has left. */
const LEFT_AFTER_MS = 15 * 60_000;

interface Occupant {
  readonly name: string;
  readonly sizeBytes: number;
  /** When it was used last, milliseconds since 1970. */
  readonly usedAt: number;
}

/** Keeps the cache within its size: what was used least recently goes first. */
export class CacheRoom {
  readonly #settings: CacheSettings;
  readonly #now: () => number;

  constructor(settings: CacheSettings, now: () => number = Date.now) {
    this.#settings = settings;
    this.#now = now;
  }

  /** Makes room for so many bytes. Throws RecoverableError where they are more than the cache may hold. */
  async make(sizeBytes: number): Promise<void> {
    const { folder, maxBytes } = this.#settings;
    if (sizeBytes > maxBytes) {
      const words = `a file of ${mebibytes(sizeBytes)} does not fit into the shard cache ${folder} of ${mebibytes(maxBytes)}`;
      throw new RecoverableError(`${words}: set SKIPLANE_SHARD_CACHE_GIB`);
    }
    const { files, parts } = await this.#look();
    let taken = [...files, ...parts].reduce((sum, occupant) => sum + occupant.sizeBytes, 0);
    for (const { name, sizeBytes: freed } of files) {
      if (taken + sizeBytes <= maxBytes) return;
      await this.remove(name);
      taken -= freed;
    }
  }

  /**
   * The disk is full: lets go of as many bytes, or of all there is. `busy`: there was nothing to let go of yet, because others
   * are making their files.
   */
  async free(sizeBytes: number): Promise<'freed' | 'busy' | 'none'> {
    const { files, parts } = await this.#look();
    let freed = 0;
    for (const { name, sizeBytes: size } of files) {
      if (freed >= sizeBytes) break;
      await this.remove(name);
      freed += size;
    }
    if (freed > 0) return 'freed';
    return parts.length > 0 ? 'busy' : 'none';
  }

  /** What tells about the file goes first: without it nobody takes the file for whole. */
  async remove(key: string): Promise<void> {
    const names = namesOf(key);
    await rm(join(this.#settings.folder, names.about), { force: true });
    await rm(join(this.#settings.folder, names.data), { force: true });
  }

  /** Files by their last use, and what is being made; takes away what a killed process left. */
  async #look(): Promise<{ readonly files: readonly Occupant[]; readonly parts: readonly Occupant[] }> {
    const { folder } = this.#settings;
    const names = await readdir(folder).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw error;
    });
    const looks = names.map(async (name): Promise<readonly Occupant[]> => {
      const [key = '', kind] = name.split('.');
      if (kind !== 'data' && kind !== 'part') return [];
      const found = await stat(join(folder, name)).catch(() => undefined);
      // Taken away meanwhile.
      if (found === undefined) return [];
      if (kind === 'part') return [{ name, sizeBytes: found.size, usedAt: found.mtimeMs }];
      const used = await stat(join(folder, namesOf(key).about)).catch(() => undefined);
      // One that has no word about it yet has just been made, or was left by a process that was killed just then.
      return [{ name: key, sizeBytes: found.size, usedAt: used?.mtimeMs ?? found.mtimeMs }];
    });
    const all = (await Promise.all(looks)).flat();
    const isPart = ({ name }: Occupant): boolean => name.includes('.');
    const left = all.filter((occupant) => isPart(occupant) && this.#now() - occupant.usedAt > LEFT_AFTER_MS);
    for (const { name } of left) await rm(join(folder, name), { force: true });
    return {
      files: all.filter((occupant) => !isPart(occupant)).toSorted((one, other) => one.usedAt - other.usedAt),
      parts: all.filter((occupant) => isPart(occupant) && !left.includes(occupant)),
    };
  }
}

function mebibytes(sizeBytes: number): string {
  return `${Math.ceil(sizeBytes / 2 ** 20).toLocaleString('en-US')} MiB`;
}
