import { StoredObjectChangedError } from '../store-errors.js';
import type { ListOptions, OpenObject, ReadOptions, Store, StoredObject, StoreEntry, WaitOptions } from '../store.js';
import { withTimeLimit } from '../time-limit.js';
import { askPatiently } from './ask-patiently.js';
import { watchBody } from './idle-watch.js';
import { Patience, USUAL_LIMITS, type Limits } from './patience.js';
import { AnswerError, type Answer, type RangeRequest, type Transport } from './transport.js';

/** Files behind a transport: asks again what may pass, and goes on where a line broke. */
export class RemoteStore implements Store {
  readonly location: string;
  readonly #transport: Transport;
  readonly #limits: Limits;

  constructor(transport: Transport, limits: Limits = USUAL_LIMITS) {
    this.location = transport.location;
    this.#transport = transport;
    this.#limits = limits;
  }

  async *list(folder: string, { isRecursive = false, signal }: ListOptions = {}): AsyncIterable<StoreEntry> {
    let from: string | undefined;
    do {
      const request = { folder, isRecursive, from };
      const page = await this.#ask(folder, signal, (stop) => this.#transport.list(request, stop));
      yield* page.entries;
      from = page.next;
    } while (from !== undefined);
  }

  async stat(path: string, { signal }: WaitOptions = {}): Promise<StoredObject | null> {
    return await this.#ask(path, signal, (stop) => this.#transport.head(path, stop));
  }

  async read(path: string, options: ReadOptions & { readonly length: number }): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(options.length);
    let filled = 0;
    for await (const piece of this.stream(path, options)) {
      bytes.set(piece, filled);
      filled += piece.length;
    }
    return bytes;
  }

  async *stream(path: string, options: ReadOptions = {}): AsyncIterable<Uint8Array> {
    const { offset = 0, length, signal } = options;
    const end = length === undefined ? undefined : offset + length;
    if (length === 0) return;
    const patience = this.#patience(path);
    // Pieces of two versions must not be put together.
    let version = options.expectedVersion;
    for (let at = offset; ;) {
      try {
        const { answer, stop } = await this.#open(path, { offset: at, end, version }, signal);
        version ??= answer.version;
        const wanted = wantedEnd(answer, end);
        for await (const piece of watchBody(answer.body, { idleMs: this.#limits.idleMs, signal, stop })) {
          const taken = wanted === undefined ? piece : piece.subarray(0, wanted - at);
          at += taken.length;
          if (taken.length > 0) patience.progressed();
          yield taken;
          if (at === wanted) break;
        }
        if (end !== undefined && wanted !== end && at === wanted) throw endsTooSoon(path, at);
        if (at === wanted || wanted === undefined) return;
        throw new Error(`the connection ended at byte ${at} of ${wanted}`);
      } catch (error) {
        await patience.afterFailure(faultOf(path, at, error), signal);
      }
    }
  }

  async open(
    path: string,
    { expectedVersion, signal }: WaitOptions & { readonly expectedVersion?: string } = {},
  ): Promise<OpenObject> {
    const found = await this.stat(path, { ...(signal && { signal }) });
    if (found === null) throw new StoredObjectChangedError(path, 'is gone');
    const { sizeBytes, version } = found;
    if (expectedVersion !== undefined && version !== expectedVersion) throw hasChanged(path, version, expectedVersion);
    return {
      sizeBytes,
      version,
      read: (offset, length, options) => this.read(path, { ...options, offset, length, expectedVersion: version }),
      close: () => Promise.resolve(),
    };
  }

  close(): void {
    this.#transport.close();
  }

  /** The answer is of the version that is wanted. `stop` lets go of it. */
  async #open(
    path: string,
    range: RangeRequest,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly answer: Answer; readonly stop: () => void }> {
    const abort = new AbortController();
    const stop = (): void => abort.abort();
    try {
      const limit = { limitMs: this.#limits.firstByteMs, signal };
      const answer = await withTimeLimit('no answer', limit, () => this.#transport.get(path, range, abort.signal));
      if (range.version !== undefined && answer.version !== range.version)
        throw hasChanged(path, answer.version, range.version);
      return { answer, stop };
    } catch (error) {
      stop();
      throw error;
    }
  }

  #ask<T>(path: string, signal: AbortSignal | undefined, ask: (stop: AbortSignal) => Promise<T>): Promise<T> {
    return askPatiently(this.#transport, this.#limits, { path, signal, ask });
  }

  #patience(path: string): Patience {
    return new Patience(this.#limits, `${this.location}${path}`, this.#transport);
  }
}

function wantedEnd({ sizeBytes }: Answer, end: number | undefined): number | undefined {
  if (sizeBytes === undefined || end === undefined) return end ?? sizeBytes;
  return Math.min(sizeBytes, end);
}

/** Answers that say something about the file itself. */
function faultOf(path: string, at: number, error: unknown): unknown {
  if (!(error instanceof AnswerError) || error.code === 'NoSuchBucket') return error;
  switch (error.status) {
    case 404:
    case 410:
      return new StoredObjectChangedError(path, 'is gone', { cause: error });
    case 412:
      return new StoredObjectChangedError(path, 'has changed: it is of another version by now', { cause: error });
    case 416:
      return endsTooSoon(path, at);
    default:
      return error;
  }
}

function hasChanged(path: string, version: string, expected: string): StoredObjectChangedError {
  return new StoredObjectChangedError(path, `has changed: its version is ${version}, was ${expected}`);
}

function endsTooSoon(path: string, at: number): StoredObjectChangedError {
  return new StoredObjectChangedError(path, `ends at or before byte ${at}, before it should`);
}
