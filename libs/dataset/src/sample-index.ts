import type { IndexedFile } from '#stores';
import { GrowingColumn, GrowingStrings } from './growing-column.js';
import { stringAt, type StringColumn } from './string-column.js';

/**
 * The index of a split as columns: one number per sample in typed arrays and all paths as one block of UTF-8, so that
 * 1.28 M files of 35 characters cost 1.28 M x (4 + 4 + 1 + 2 + 2 + 4 + 35) bytes = 67 MB, and threads share it without a copy.
 */
export interface SampleIndex {
  readonly numSamples: number;
  /** Bytes of the sample's encoded image. */
  readonly lengths: Uint32Array;
  readonly labels: Uint32Array;
  /** EXIF orientation 1 to 8, or 0: not known; and HAS_PROFILE. */
  readonly flags: Uint8Array;
  /** Of the image as it is stored, in pixels; 0: not known, or more than 65,535. */
  readonly widths: Uint16Array;
  readonly heights: Uint16Array;
  /** File number of each sample; null: sample i is the whole of file i. */
  readonly files: Uint32Array | null;
  /** Where the sample begins in its file; null: at 0. */
  readonly offsets: Float64Array | null;
  /** Of all files: relative to the data set's location, with `/`. */
  readonly paths: StringColumn;
  /** Bytes of each file; null: the samples' lengths. */
  readonly fileSizes: Float64Array | null;
  /** What each file's content is told by in its store; null: files of the disk, told by size. */
  readonly versions: StringColumn | null;
  /** The part of each file that is read unpacked (`IndexedFile.part`), or -1: the file as it is; null: all as they are. */
  readonly parts: Int32Array | null;
  /** Bytes of each part when it is unpacked; null where there are no parts. */
  readonly partBytes: Float64Array | null;
}

/** A file of an index by its number. */
export function indexedFile(index: SampleIndex, file: number): IndexedFile {
  const { paths, fileSizes, lengths, versions, parts, partBytes } = index;
  const part = parts?.[file] ?? -1;
  return {
    path: stringAt(paths, file),
    sizeBytes: (fileSizes ?? lengths)[file] ?? 0,
    version: versions === null ? '' : stringAt(versions, file),
    ...(part >= 0 && { part, partBytes: partBytes?.[file] ?? 0 }),
  };
}

/** Flag of a sample: a colour profile is embedded. */
export const HAS_PROFILE = 16;

/** What an index keeps of an image's header. */
export interface ImageFacts {
  readonly orientation: number;
  readonly hasProfile: boolean;
  readonly width: number;
  readonly height: number;
}

/** A file that samples lie in. */
export interface FileFacts {
  readonly sizeBytes: number;
  /** Of a file in a store, and of one that is read unpacked. */
  readonly version?: string;
  /** The part that is read unpacked. Default: the file as it is. */
  readonly part?: number;
  /** Of the part when it is unpacked. */
  readonly partBytes?: number;
}

/** A sample as a slice of a file. */
export interface IndexedSample {
  /** What `addFile` gave. */
  readonly file: number;
  /** Default 0. */
  readonly offset?: number;
  readonly length: number;
  readonly label: number;
  /** Left out where pixels lie in the file as they are. */
  readonly image?: ImageFacts;
}

const uint32 = (): GrowingColumn<Uint32Array> => new GrowingColumn((buffer) => new Uint32Array(buffer));
const uint16 = (): GrowingColumn<Uint16Array> => new GrowingColumn((buffer) => new Uint16Array(buffer));
const float64 = (): GrowingColumn<Float64Array> => new GrowingColumn((buffer) => new Float64Array(buffer));

/** Builds the index of a split, sample by sample in their order. */
export class SampleIndexBuilder {
  readonly #lengths = uint32();
  readonly #labels = uint32();
  readonly #flags = new GrowingColumn((buffer) => new Uint8Array(buffer));
  readonly #widths = uint16();
  readonly #heights = uint16();
  readonly #files = uint32();
  readonly #offsets = float64();
  readonly #paths = new GrowingStrings();
  readonly #fileSizes = float64();
  readonly #versions = new GrowingStrings();
  readonly #parts = new GrowingColumn((buffer) => new Int32Array(buffer));
  readonly #partBytes = float64();
  #hasParts = false;
  #hasVersions = false;
  #isWholeFiles = true;
  #lastSizeBytes = 0;

  /** The number of the file. */
  addFile(path: string, { sizeBytes, version, part = -1, partBytes = 0 }: FileFacts): number {
    this.#paths.push(path);
    this.#parts.push(part);
    this.#partBytes.push(partBytes);
    this.#hasParts ||= part >= 0;
    this.#fileSizes.push(sizeBytes);
    this.#versions.push(version ?? '');
    this.#hasVersions ||= version !== undefined;
    this.#lastSizeBytes = sizeBytes;
    return this.#fileSizes.length - 1;
  }

  add({ file, offset = 0, length, label, image }: IndexedSample): void {
    const isLast = file === this.#fileSizes.length - 1;
    this.#isWholeFiles &&= isLast && file === this.#lengths.length && offset === 0 && length === this.#lastSizeBytes;
    this.#lengths.push(length);
    this.#labels.push(label);
    this.#flags.push(image ? image.orientation | (image.hasProfile ? HAS_PROFILE : 0) : 0);
    this.#widths.push(sideOf(image?.width));
    this.#heights.push(sideOf(image?.height));
    this.#files.push(file);
    this.#offsets.push(offset);
  }

  build(): SampleIndex {
    const isWholeFiles = this.#isWholeFiles && !this.#hasParts && this.#fileSizes.length === this.#lengths.length;
    return {
      numSamples: this.#lengths.length,
      lengths: this.#lengths.shared(),
      labels: this.#labels.shared(),
      flags: this.#flags.shared(),
      widths: this.#widths.shared(),
      heights: this.#heights.shared(),
      files: isWholeFiles ? null : this.#files.shared(),
      offsets: isWholeFiles ? null : this.#offsets.shared(),
      paths: this.#paths.shared(),
      fileSizes: isWholeFiles ? null : this.#fileSizes.shared(),
      versions: this.#hasVersions ? this.#versions.shared() : null,
      parts: this.#hasParts ? this.#parts.shared() : null,
      partBytes: this.#hasParts ? this.#partBytes.shared() : null,
    };
  }
}

function sideOf(pixels = 0): number {
  return pixels > 0xffff ? 0 : pixels;
}
