import { createHash, randomUUID } from 'node:crypto';
import { open, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { RecoverableError } from '#contracts';
import { diskTrouble, LockTimeoutError, makeFolder, sha256OfFile, withLock, writeFileAtomically } from '#files';
import { cachedBytes, type IndexedFile } from '../indexed-file.js';
import type { WaitOptions } from '../store.js';
import type { CacheSettings } from '../store-settings.js';
import { CacheRoom } from './cache-room.js';
import { cachedFileSchema, cacheKey, namesOf, type CachedFile } from './cached-file.js';

/** A file that another process makes is waited for so long; then it is made here as well, which is no harm. */
const OTHER_MAKES_MS = 10 * 60_000;
/** A maker is alive while it touches its lock. */
const LOCK = { timeoutMs: OTHER_MAKES_MS, silentMs: 10_000, isOfThread: true } as const;
/** Paths that are remembered: those of shards; of a million single images, each costs two looks at the disk again. */
const NUM_REMEMBERED = 20_000;
/** The time of the last use is written so often. */
const TOUCH_MS = 30_000;
/** So long room is made for one file on a full disk, which others fill as well. */
const MAKING_ROOM_MS = 60_000;
/** Half of it at least, so that many that were in each other's way do not come back at once. */
const OTHERS_MAKE_MS = 200;
/** Makers that failed at once have all taken away what they had: once is no proof that the disk is full of other things. */
const NUM_LOOKS = 4;

/** Makes the bytes of a file of the cache. */
export type Make = (options: WaitOptions) => AsyncIterable<Uint8Array>;

export interface CacheRequest {
  readonly location: string;
  readonly file: IndexedFile;
  readonly make: Make;
  /** What was read of the file was not as it should be: it is checked by its hash. */
  readonly isSuspect?: boolean;
}

/** Where a file lies, and whether it was there when it was asked for. */
export interface FoundFile {
  readonly path: string;
  readonly wasHere: boolean;
}

/**
 * Files of stores, and unpacked parts of files, on this host's disk: whole or not there, made once for all processes of the
 * host.
 */
export class ShardCache {
  readonly #settings: CacheSettings;
  readonly #room: CacheRoom;
  /** Path by key, of what was found whole, and when it was last touched. */
  readonly #whole = new Map<string, { readonly path: string; touchedAt: number }>();
  readonly #making = new Map<string, Promise<FoundFile>>();
  /** Stamp by key, of what was hashed: a sample that is damaged in the store as well must not have all hashed again. */
  readonly #hashed = new Map<string, string>();
  /** Of those that make room on a full disk. */
  #lastTurn: Promise<void> = Promise.resolve();

  constructor(settings: CacheSettings) {
    this.#settings = settings;
    this.#room = new CacheRoom(settings);
  }

  /** Finds the file; makes it where it is not there. Whoever asks for it meanwhile waits for the same making. */
  async find(request: CacheRequest, options: WaitOptions): Promise<FoundFile> {
    const key = cacheKey(request.location, request.file);
    if (request.isSuspect === true) this.#whole.delete(key);
    const known = this.#whole.get(key);
    if (known !== undefined) {
      if (performance.now() - known.touchedAt > TOUCH_MS) await this.#touch(key);
      return { path: known.path, wasHere: true };
    }
    let making = this.#making.get(key);
    if (making === undefined) {
      making = this.#findOrMake(key, request, options).finally(() => this.#making.delete(key));
      this.#making.set(key, making);
    }
    return await making;
  }

  async #findOrMake(key: string, request: CacheRequest, options: WaitOptions): Promise<FoundFile> {
    const path = join(this.#settings.folder, namesOf(key).data);
    const isThere = (): Promise<boolean> => this.#isWhole(key, request.isSuspect === true);
    const wasHere = await isThere();
    if (!wasHere) {
      const make = async (): Promise<void> => {
        if (!(await isThere())) await this.#write(key, request, options);
      };
      await this.#onFullDisk(cachedBytes(request.file), options, () => this.#inTurn(key, make, options));
    }
    await this.#touch(key);
    this.#whole.set(key, { path, touchedAt: performance.now() });
    const [oldest = key] = this.#whole.keys();
    if (this.#whole.size > NUM_REMEMBERED) this.#whole.delete(oldest);
    return { path, wasHere };
  }

  /** While inode and times are those of the writing, the content is; otherwise the hash decides. */
  async #isWhole(key: string, isSuspect: boolean): Promise<boolean> {
    const about = await this.#about(key);
    const path = join(this.#settings.folder, namesOf(key).data);
    const found = about && (await stampOf(path));
    if (about === undefined || found === undefined || found.sizeBytes !== about.sizeBytes) return false;
    const isKnown = isSuspect ? this.#hashed.get(key) === found.stamp : about.stamp === found.stamp;
    if (isKnown) return true;
    if ((await sha256OfFile(path)) !== about.sha256) {
      await this.#room.remove(key);
      return false;
    }
    this.#hashed.set(key, found.stamp);
    await this.#tell(key, { ...about, stamp: found.stamp });
    return true;
  }

  /** One process of the host at a time. */
  async #inTurn(key: string, make: () => Promise<void>, options: WaitOptions): Promise<void> {
    await makeFolder(this.#settings.folder);
    const lock = join(this.#settings.folder, namesOf(key).lock);
    await withLock(lock, { ...LOCK, ...options }, make).catch((error: unknown) => {
      if (error instanceof LockTimeoutError) return make();
      throw error;
    });
  }

  /**
   * Others fill the disk as well: makes room and tries again, one file after the other, because together they would be in each
   * other's way.
   */
  async #onFullDisk(sizeBytes: number, options: WaitOptions, write: () => Promise<void>): Promise<void> {
    try {
      return await write();
    } catch (error) {
      if (diskTrouble(error) === undefined) throw error;
    }
    const turn = this.#lastTurn.then(() => this.#makeRoomAnd(write, sizeBytes, options));
    this.#lastTurn = turn.catch(() => undefined);
    await turn;
  }

  async #makeRoomAnd(write: () => Promise<void>, sizeBytes: number, { signal }: WaitOptions): Promise<void> {
    const end = performance.now() + MAKING_ROOM_MS;
    for (let numInVain = 0; ;) {
      const outcome = await this.#room.free(2 * sizeBytes);
      numInVain = outcome === 'none' ? numInVain + 1 : 0;
      if (outcome === 'freed') this.#whole.clear();
      else await delay((OTHERS_MAKE_MS * (1 + Math.random())) / 2, undefined, signal && { signal });
      try {
        return await write();
      } catch (error) {
        const trouble = diskTrouble(error);
        if (trouble === undefined) throw error;
        if (numInVain < NUM_LOOKS && performance.now() < end) continue;
        const { folder } = this.#settings;
        throw new RecoverableError(`the disk of the shard cache ${folder} ${trouble}`, { cause: error });
      }
    }
  }

  async #write(key: string, { location, file, make }: CacheRequest, options: WaitOptions): Promise<void> {
    const { folder } = this.#settings;
    await this.#room.make(cachedBytes(file));
    const partial = join(folder, `${key}.part.${randomUUID()}`);
    const path = join(folder, namesOf(key).data);
    const hash = createHash('sha256');
    try {
      await using output = await open(partial, 'wx');
      for await (const piece of make(options)) {
        hash.update(piece);
        // Not write: that stops in the middle of a piece where the disk is full, and says so only by its count.
        await output.appendFile(piece);
      }
      // After a power cut a file of the right size and times must not be full of zeros.
      await output.sync();
      await rename(partial, path);
    } catch (error) {
      await rm(partial, { force: true });
      throw error;
    }
    const found = await stampOf(path);
    if (found === undefined) return;
    const { path: name, version: objectVersion, part } = file;
    await this.#tell(key, {
      version: 1,
      location,
      path: name,
      objectVersion,
      ...(part !== undefined && { part }),
      ...found,
      sha256: hash.digest('hex'),
    });
  }

  async #tell(key: string, about: CachedFile): Promise<void> {
    const path = join(this.#settings.folder, namesOf(key).about);
    await writeFileAtomically(path, JSON.stringify(about), { isDurable: false });
  }

  async #about(key: string): Promise<CachedFile | undefined> {
    try {
      const text = await readFile(join(this.#settings.folder, namesOf(key).about), 'utf8');
      return cachedFileSchema.safeParse(JSON.parse(text)).data;
    } catch {
      // Not there, or cut short by a power cut: the file is made anew.
      return undefined;
    }
  }

  async #touch(key: string): Promise<void> {
    const now = new Date();
    const known = this.#whole.get(key);
    if (known !== undefined) known.touchedAt = performance.now();
    // It may have been evicted: whoever reads it will see.
    await utimes(join(this.#settings.folder, namesOf(key).about), now, now).catch(() => undefined);
  }
}

async function stampOf(path: string): Promise<{ readonly sizeBytes: number; readonly stamp: string } | undefined> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  if (found === undefined) return undefined;
  return { sizeBytes: Number(found.size), stamp: `${found.ino}-${found.mtimeNs}-${found.ctimeNs}` };
}
