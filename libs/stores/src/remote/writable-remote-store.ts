import { open, type FileHandle } from 'node:fs/promises';
import { RecoverableError } from '#contracts';
import type {
  ListOptions,
  OpenObject,
  ReadOptions,
  StoredObject,
  StoreEntry,
  WaitOptions,
  WritableStore,
  WrittenBytes,
} from '../store.js';
import { askPatiently } from './ask-patiently.js';
import { USUAL_LIMITS, type Limits } from './patience.js';
import { RemoteStore } from './remote-store.js';
import { AnswerError, type Upload, type WritingTransport } from './transport.js';

/** S3 takes parts of 5 MiB to 5 GiB. What is no longer than one part goes in one request. */
const PART_BYTES = 16 * 2 ** 20;
/** S3 takes 10,000. */
const MAX_PARTS = 9_000;
/** Parts under way at once; each is held in memory. */
const NUM_AT_ONCE = 4;
/** A line that carries less is taken for broken. */
const LEAST_BYTES_PER_MS = 64;

/** Bytes of one object, read piece by piece and, where an attempt fails, once more. */
interface Source extends AsyncDisposable {
  readonly sizeBytes: number;
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** Files behind a transport that are read and written: a large object goes in parts, each tried again by itself. */
export class WritableRemoteStore implements WritableStore {
  readonly location: string;
  readonly #reading: RemoteStore;
  readonly #transport: WritingTransport;
  readonly #limits: Limits;

  constructor(transport: WritingTransport, limits: Limits = USUAL_LIMITS) {
    this.location = transport.location;
    this.#reading = new RemoteStore(transport, limits);
    this.#transport = transport;
    this.#limits = limits;
  }

  list(folder: string, options?: ListOptions): AsyncIterable<StoreEntry> {
    return this.#reading.list(folder, options);
  }

  stat(path: string, options?: WaitOptions): Promise<StoredObject | null> {
    return this.#reading.stat(path, options);
  }

  read(path: string, options: ReadOptions & { readonly length: number }): Promise<Uint8Array<ArrayBuffer>> {
    return this.#reading.read(path, options);
  }

  stream(path: string, options?: ReadOptions): AsyncIterable<Uint8Array> {
    return this.#reading.stream(path, options);
  }

  open(path: string, options?: WaitOptions & { readonly expectedVersion?: string }): Promise<OpenObject> {
    return this.#reading.open(path, options);
  }

  close(): void {
    this.#reading.close();
  }

  async write(path: string, bytes: WrittenBytes, { signal }: WaitOptions = {}): Promise<void> {
    await using source = await openSource(bytes);
    try {
      if (source.sizeBytes > PART_BYTES) await this.#writeInParts(path, source, signal);
      else await this.#putWhole(path, source, signal);
    } catch (error) {
      throw writingFault(error, `${this.location}${path}`);
    }
  }

  async remove(path: string, { signal }: WaitOptions = {}): Promise<void> {
    try {
      await this.#ask(path, signal, { ask: (stop) => this.#transport.remove(path, stop) });
    } catch (error) {
      throw writingFault(error, `${this.location}${path}`);
    }
  }

  async #putWhole(path: string, source: Source, signal: AbortSignal | undefined): Promise<void> {
    const bytes = await source.read(0, source.sizeBytes);
    await this.#ask(path, signal, { sent: bytes, ask: (stop) => this.#transport.put(path, bytes, stop) });
  }

  async #writeInParts(path: string, source: Source, signal: AbortSignal | undefined): Promise<void> {
    const upload = await this.#ask(path, signal, { ask: (stop) => this.#transport.beginUpload(path, stop) });
    try {
      const parts = await this.#putParts(upload, source, signal);
      await this.#ask(path, signal, { ask: (stop) => this.#transport.endUpload(upload, parts, stop) }).catch(
        async (error: unknown) => {
          if (!(await this.#hasEnded(upload, source, error))) throw error;
        },
      );
    } catch (error) {
      // Its parts would be paid for as long as nobody aborts it. One that cannot be reached now is left to the bucket's rules.
      const limit = AbortSignal.timeout(this.#limits.firstByteMs);
      await this.#transport.abortUpload(upload, limit).catch(() => undefined);
      throw error;
    }
  }

  async #putParts(upload: Upload, source: Source, signal: AbortSignal | undefined): Promise<readonly string[]> {
    const partBytes = Math.max(PART_BYTES, Math.ceil(source.sizeBytes / MAX_PARTS));
    const numParts = Math.ceil(source.sizeBytes / partBytes);
    const tags = Array.from({ length: numParts }, () => '');
    const failed = new AbortController();
    const stopped = signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal]);
    let next = 0;
    const putSome = async (): Promise<void> => {
      for (let index = next++; index < numParts; index = next++) {
        const offset = index * partBytes;
        const bytes = await source.read(offset, Math.min(partBytes, source.sizeBytes - offset));
        const part = { number: index + 1, bytes };
        const ask = (stop: AbortSignal): Promise<string> => this.#transport.putPart(upload, part, stop);
        tags[index] = await this.#ask(upload.path, stopped, { sent: bytes, ask });
      }
    };
    const all = Array.from({ length: NUM_AT_ONCE }, putSome);
    try {
      await Promise.all(all);
    } catch (error) {
      failed.abort(error);
      await Promise.allSettled(all);
      throw error;
    }
    return tags;
  }

  /** The answer to an end that succeeded may be lost: the upload is not known any more then, and the object is there. */
  async #hasEnded({ path }: Upload, { sizeBytes }: Source, error: unknown): Promise<boolean> {
    if (!(error instanceof AnswerError) || error.status !== 404) return false;
    return (await this.stat(path))?.sizeBytes === sizeBytes;
  }

  #ask<T>(
    path: string,
    signal: AbortSignal | undefined,
    { sent, ask }: { readonly sent?: Uint8Array; readonly ask: (stop: AbortSignal) => Promise<T> },
  ): Promise<T> {
    const limitMs = this.#limits.firstByteMs + (sent?.length ?? 0) / LEAST_BYTES_PER_MS;
    return askPatiently(this.#transport, this.#limits, { path, signal, limitMs, ask });
  }
}

async function openSource(bytes: WrittenBytes): Promise<Source> {
  if (bytes instanceof Uint8Array) {
    return {
      sizeBytes: bytes.length,
      read: (offset, length) => Promise.resolve(bytes.subarray(offset, offset + length)),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }
  const file = await open(bytes.file, 'r');
  try {
    const { size } = await file.stat();
    return {
      sizeBytes: size,
      read: (offset, length) => readSlice(file, offset, length),
      [Symbol.asyncDispose]: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function readSlice(file: FileHandle, offset: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let filled = 0; filled < length;) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, offset + filled);
    if (bytesRead === 0) throw new Error(`the file to be written ends at byte ${offset + filled}, before it should`);
    filled += bytesRead;
  }
  return bytes;
}

/** What an answer says of writing: nothing is wrong with a run because of it. */
function writingFault(error: unknown, shown: string): unknown {
  if (!(error instanceof AnswerError)) return error;
  return new RecoverableError(`${shown}: ${error.message}`, { cause: error });
}
