import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { fromFdPromise, type Entry, type ZipFile } from 'yauzl';
import { RefusedInputError } from '#contracts';
import { readBytes } from '../file-bytes.js';

/** A state dict has one for each storage. */
const MAX_ENTRIES = 200_000;
/** A local header without its name and extra fields. */
const LOCAL_HEADER_BYTES = 30;

/** The files in a zip that PyTorch wrote, read at any place: they are stored as they are. */
export class ZipRecords {
  readonly #file: FileHandle;
  readonly #zip: ZipFile;
  readonly #entries: ReadonlyMap<string, Entry>;

  private constructor(file: FileHandle, zip: ZipFile, entries: ReadonlyMap<string, Entry>) {
    this.#file = file;
    this.#zip = zip;
    this.#entries = entries;
  }

  /** Reads the directory at the end of a file, which stays the caller's. Throws RefusedInputError on a damaged one. */
  static async open(file: FileHandle): Promise<ZipRecords> {
    try {
      const zip = await fromFdPromise(file.fd, { autoClose: false, lazyEntries: true });
      if (zip.entryCount > MAX_ENTRIES) throw new Error(`${zip.entryCount} files in it are over ${MAX_ENTRIES}`);
      const entries = new Map<string, Entry>();
      for await (const entry of zip.eachEntry()) {
        if (entries.has(entry.fileName)) throw new Error(`two files in it are called ${entry.fileName}`);
        entries.set(entry.fileName, entry);
      }
      checkPlaces([...entries.values()], zip.fileSize);
      return new ZipRecords(file, zip, entries);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new RefusedInputError(`a zip that is damaged or not whole: ${reason}`, [], { cause: error });
    }
  }

  get names(): readonly string[] {
    return [...this.#entries.keys()];
  }

  /** Bytes of a file; undefined where it is not there. Throws RefusedInputError where it is no plain one. */
  sizeOf(name: string): number | undefined {
    const entry = this.#entries.get(name);
    if (entry === undefined) return undefined;
    // PyTorch compresses nothing, and what is not compressed can hold no more than the file has bytes.
    if (entry.compressionMethod !== 0 || entry.isEncrypted()) {
      throw new RefusedInputError(
        `${name} in it is compressed or encrypted, which PyTorch does not do: unpack it and save it with torch.save`,
      );
    }
    return entry.uncompressedSize;
  }

  /** A range of a file; its checksum is compared where it is read whole. */
  async read(name: string, begin: number, length: number): Promise<Uint8Array> {
    const sizeBytes = this.sizeOf(name);
    const entry = this.#entries.get(name);
    if (entry === undefined || sizeBytes === undefined || begin + length > sizeBytes) {
      throw new RefusedInputError(`${name} in it has ${sizeBytes ?? 'no'} bytes, ${begin + length} are needed`);
    }
    const { fileDataStart } = await this.#zip.readLocalFileHeaderPromise(entry, { minimal: true });
    const bytes = await readBytes(this.#file, fileDataStart + begin, length);
    // 0 where PyTorch was told to compute none.
    if (length === sizeBytes && entry.crc32 !== 0 && crc32(bytes) !== entry.crc32) {
      throw new RefusedInputError(`${name} in it is damaged: its checksum is another one`);
    }
    return bytes;
  }
}

/** Files in a zip lie one behind the other: those that share bytes were made to look larger than they are. */
function checkPlaces(entries: readonly Entry[], fileBytes: number): void {
  let end = 0;
  const sorted = [...entries].sort((a, b) => a.relativeOffsetOfLocalHeader - b.relativeOffsetOfLocalHeader);
  for (const { fileName, relativeOffsetOfLocalHeader: begin, compressedSize, fileNameLength } of sorted) {
    if (begin < end) throw new Error(`${fileName} overlaps the file before it`);
    end = begin + LOCAL_HEADER_BYTES + fileNameLength + compressedSize;
    if (end > fileBytes) throw new Error(`${fileName} ends behind the end`);
  }
}
