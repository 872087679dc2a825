import { setMaxListeners } from 'node:events';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { RecoverableError } from '#contracts';
import { withTimeLimit, type Store } from '#stores';
import { RequestThread, type RequestOptions } from '#threads';
import { chunksOf } from '../chunks-of.js';
import { inspectFile, type FileLook } from '../image-format/inspect-file.js';
import { mapBounded } from '../map-bounded.js';
import type { DiskAnswers, DiskRequest, DiskThreadData } from './disk-messages.js';
import { listFiles, type FolderListing } from './list-files.js';

export interface DiskThreadsOptions {
  /** Compiled entry of a thread. */
  readonly threadUrl?: URL;
  /** Files that are looked at without a thread; it takes as long to start one. Default 4,000. */
  readonly fewFiles?: number;
}

export interface InspectOptions {
  readonly signal: AbortSignal | undefined;
  /** So many more files have been looked at. */
  readonly onLooked: (numFiles: number) => void;
}

/** A request and its answer take as long as a file or two. */
const PATHS_A_REQUEST = 128;
/** Files looked at at once without threads. */
const AT_ONCE = 16;
/** One more thread for so many more. */
const FILES_A_THREAD = 16_000;
/** Some threads even where there are few cores, because they wait for the disk. */
const MAX_THREADS = Math.min(8, Math.max(4, availableParallelism()));
/** Files are soon forgotten. */
const YOUNG_GENERATION_MIB = 4;
/** A disk that answers nothing for so long keeps nobody waiting. */
const LIMIT_MS = 30_000;

/**
 * Lists folders and looks at image files of this host's disk. Where they are many, threads do it, which are started as they
 * are needed: a fifth of the processor's time.
 */
export class DiskThreads implements AsyncDisposable {
  readonly #fewFiles: number;
  readonly #threadUrl: URL;
  readonly #threads: RequestThread<DiskRequest, DiskAnswers>[] = [];
  readonly #beats = new Int32Array(new SharedArrayBuffer(4));
  readonly #silence = new AbortController();
  #watch: NodeJS.Timeout | undefined;
  #numFiles = 0;

  constructor({ fewFiles = 4_000, threadUrl = new URL('./disk-thread.js', import.meta.url) }: DiskThreadsOptions = {}) {
    this.#fewFiles = fewFiles;
    this.#threadUrl = threadUrl;
    setMaxListeners(0, this.#silence.signal);
  }

  /** Lists a folder of a disk's store as `listFiles` does. */
  async list(store: Store, folder: string, signal: AbortSignal | undefined): Promise<FolderListing> {
    const listing = await (this.#isFew()
      ? listFiles(store, folder, signal)
      : this.#ask({ kind: 'list', root: store.location, folder }, signal));
    this.#numFiles += listing.files.length;
    return listing;
  }

  /**
   * Looks at files below a root; the answers are in their order. Rejects with RecoverableError where the disk does not
   * answer, and with the signal's reason.
   */
  async inspect(
    root: string,
    paths: readonly string[],
    { signal, onLooked }: InspectOptions,
  ): Promise<readonly FileLook[]> {
    const looks = await mapBounded(chunksOf(paths, PATHS_A_REQUEST), 2 * MAX_THREADS, async (piece) => {
      this.#numFiles += piece.length;
      const found = await (this.#isFew()
        ? inspectHere(root, piece, signal)
        : this.#ask({ kind: 'inspect', root, paths: piece }, signal));
      onLooked(piece.length);
      return found;
    });
    return looks.flat();
  }

  #isFew(): boolean {
    return this.#numFiles <= this.#fewFiles;
  }

  async #ask<Request extends DiskRequest>(
    request: Request,
    signal: AbortSignal | undefined,
  ): Promise<DiskAnswers[Request['kind']]> {
    const silence = this.#silence.signal;
    const options: RequestOptions = { signal: signal === undefined ? silence : AbortSignal.any([signal, silence]) };
    const { value } = await this.#idlest().request(request, options);
    return value;
  }

  #idlest(): RequestThread<DiskRequest, DiskAnswers> {
    const wanted = Math.min(MAX_THREADS, 1 + Math.floor(this.#numFiles / FILES_A_THREAD));
    if (this.#threads.length < wanted) {
      const data: DiskThreadData = { beats: this.#beats };
      const options = { url: this.#threadUrl, name: 'disk', data, youngGenerationMiB: YOUNG_GENERATION_MIB };
      this.#threads.push(new RequestThread(options));
      this.#watch ??= this.#listen();
    }
    const [first, ...others] = this.#threads;
    if (first === undefined) throw new Error('bug: no thread was started');
    return others.reduce((best, thread) => (thread.load < best.load ? thread : best), first);
  }

  /** Ends what waits where no thread has had an answer for long; the time in which this process is stopped counts once. */
  #listen(): NodeJS.Timeout {
    const everyMs = LIMIT_MS / 3;
    let [heard, numSilent] = [0, 0];
    const timer = setInterval(() => {
      const beats = Atomics.load(this.#beats, 0);
      const isWaiting = this.#threads.some(({ load }) => load > 0);
      numSilent = isWaiting && beats === heard ? numSilent + 1 : 0;
      heard = beats;
      if (numSilent > LIMIT_MS / everyMs)
        this.#silence.abort(new RecoverableError(`the disk did not answer within ${LIMIT_MS / 1000} s`));
    }, everyMs);
    timer.unref();
    return timer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#watch);
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }
}

/** One limit of time for all of them. */
function inspectHere(
  root: string,
  paths: readonly string[],
  signal: AbortSignal | undefined,
): Promise<readonly FileLook[]> {
  const words = `the disk did not answer for ${join(root, paths[0] ?? '')} and ${paths.length - 1} more`;
  return withTimeLimit(words, { limitMs: LIMIT_MS, signal }, () =>
    mapBounded(paths, AT_ONCE, (path) => inspectFile(join(root, path))),
  );
}
