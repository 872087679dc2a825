import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { RecoverableError } from '#contracts';
import { isMissing } from '#files';
import type { CacheSettings } from '../store-settings.js';
import { namesOf } from './cached-file.js';

/** A file that is being made grows all the time; one that does not is what a killed process has left. */
const LEFT_AFTER_MS = 15 * 60_000;
/** Of the room that a look has found, so much is taken without another: a look takes 60 µs a file, and others take of it, too. */
const SHARE_A_LOOK = 1 / 16;
/** Where files must leave, as many more leave as make so much of the cache free: small files must not be looked for one by one. */
const SPARE_SHARE = 1 / 10;
/** Files looked at at once. */
const LOOKS_AT_ONCE = 256;

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
  /** What may be taken without another look. */
  #unlookedBytes = 0;
  #lastTurn: Promise<void> = Promise.resolve();

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
    // One look serves all that wait for it.
    const turn = this.#lastTurn.then(() => this.#takeOrLook(sizeBytes));
    this.#lastTurn = turn.catch(() => undefined);
    await turn;
  }

  async #takeOrLook(sizeBytes: number): Promise<void> {
    if (sizeBytes <= this.#unlookedBytes) {
      this.#unlookedBytes -= sizeBytes;
      return;
    }
    const { maxBytes } = this.#settings;
    const { files, parts } = await this.#look();
    let wanted = sizeBytes + [...files, ...parts].reduce((sum, occupant) => sum + occupant.sizeBytes, 0);
    const mustLeave = wanted > maxBytes;
    for (const { name, sizeBytes: freed } of files) {
      const isSpare = mustLeave && wanted - freed >= (1 - SPARE_SHARE) * maxBytes;
      if (wanted <= maxBytes && !isSpare) break;
      await this.remove(name);
      wanted -= freed;
    }
    this.#unlookedBytes = Math.max(0, maxBytes - wanted) * SHARE_A_LOOK;
  }

  /**
   * The disk is full: lets go of as many bytes, or of all there is. `busy`: there was nothing to let go of yet, because others
   * are making their files.
   */
  async free(sizeBytes: number): Promise<'freed' | 'busy' | 'none'> {
    this.#unlookedBytes = 0;
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
    const all: Occupant[] = [];
    for (let at = 0; at < names.length; at += LOOKS_AT_ONCE) {
      const found = await Promise.all(names.slice(at, at + LOOKS_AT_ONCE).map((name) => this.#lookAt(name)));
      all.push(...found.filter((occupant) => occupant !== undefined));
    }
    const isPart = ({ name }: Occupant): boolean => name.includes('.');
    const left = all.filter((occupant) => isPart(occupant) && this.#now() - occupant.usedAt > LEFT_AFTER_MS);
    for (const { name } of left) await rm(join(folder, name), { force: true });
    return {
      files: all.filter((occupant) => !isPart(occupant)).toSorted((one, other) => one.usedAt - other.usedAt),
      parts: all.filter((occupant) => isPart(occupant) && !left.includes(occupant)),
    };
  }

  /** Undefined for what is neither a file nor one being made, or was taken away meanwhile. */
  async #lookAt(name: string): Promise<Occupant | undefined> {
    const { folder } = this.#settings;
    const [key = '', kind] = name.split('.');
    if (kind !== 'data' && kind !== 'part') return undefined;
    const found = await stat(join(folder, name)).catch(() => undefined);
    if (found === undefined) return undefined;
    if (kind === 'part') return { name, sizeBytes: found.size, usedAt: found.mtimeMs };
    const used = await stat(join(folder, namesOf(key).about)).catch(() => undefined);
    // One that has no word about it yet has just been made, or was left by a process that was killed just then.
    return { name: key, sizeBytes: found.size, usedAt: used?.mtimeMs ?? found.mtimeMs };
  }
}

function mebibytes(sizeBytes: number): string {
  return `${Math.ceil(sizeBytes / 2 ** 20).toLocaleString('en-US')} MiB`;
}
