import type { Hash } from 'node:crypto';
import type { Orientation } from '#contracts';
import type { ScannedImages } from '../dataset.js';
import { SampleIndexBuilder, type SampleIndex } from '../sample-index.js';
import type { UnitScan } from './unit-scan.js';

export interface SplitBuilderOptions {
  /** The number of each class. */
  readonly labels: ReadonlyMap<string, number>;
  readonly orientation: Orientation;
  /** Whether readers know files again by their versions; files of the disk are told by their sizes. */
  readonly hasVersions: boolean;
  /** Receives one line a sample: where it lies, its size, its label, and its turn where that is obeyed. */
  readonly hash: Hash;
  readonly onImages: ((images: ScannedImages) => void) | undefined;
}

/** Makes the index of a split of what was found in units. */
export class SplitBuilder {
  readonly unknownLabels = new Set<string>();
  readonly #options: SplitBuilderOptions;
  readonly #builder = new SampleIndexBuilder();
  readonly #counts: number[] = [];
  #numSamples = 0;

  constructor(options: SplitBuilderOptions) {
    this.#options = options;
  }

  get numSamples(): number {
    return this.#numSamples;
  }

  countOf(label: number): number {
    return this.#counts[label] ?? 0;
  }

  /** Adds the samples of a unit that are of this split. */
  addUnit(scan: UnitScan, isOfSplit: (sample: number) => boolean): void {
    const { samples } = scan;
    const files = new Map<number, number>();
    for (const [sample, fileNumber] of samples.files.entries()) {
      if (!isOfSplit(sample)) continue;
      const file = scan.files[fileNumber];
      const labelName = scan.labels[samples.labels[sample] ?? 0] ?? '';
      const label = this.#options.labels.get(labelName);
      if (file === undefined || label === undefined) {
        this.unknownLabels.add(labelName);
        continue;
      }
      const known = files.get(fileNumber) ?? this.#addFile(file);
      files.set(fileNumber, known);
      const [offset, length] = [samples.offsets[sample] ?? 0, samples.lengths[sample] ?? 0];
      const image = {
        orientation: samples.orientations[sample] ?? 1,
        hasProfile: samples.profiles[sample] === 1,
        width: samples.widths[sample] ?? 0,
        height: samples.heights[sample] ?? 0,
      };
      this.#builder.add({ file: known, offset, length, label, image });
      this.#tell(image, scan.formats[samples.formats[sample] ?? 0] ?? '');
      const isWhole = file.part === undefined && offset === 0 && length === file.sizeBytes;
      const part = file.part === undefined ? '' : `\0part ${file.part}`;
      // What is turned is part of what the samples are, where it is obeyed.
      const isTurned = image.orientation !== 1 && this.#options.orientation === 'upright';
      const turn = isTurned ? `\0turned ${image.orientation}` : '';
      this.#options.hash.update(`${file.path}${part}${isWhole ? '' : `\0${offset}`}\0${length}\0${label}${turn}\n`);
      this.#counts[label] = this.countOf(label) + 1;
      this.#numSamples += 1;
    }
  }

  #addFile({ path, sizeBytes, version, part, partBytes }: UnitScan['files'][number]): number {
    const isKnownByVersion = version !== undefined && (this.#options.hasVersions || part !== undefined);
    return this.#builder.addFile(path, {
      sizeBytes,
      ...(isKnownByVersion && { version }),
      ...(part !== undefined && { part }),
      ...(partBytes !== undefined && { partBytes }),
    });
  }

  index(): SampleIndex {
    return this.#builder.build();
  }

  #tell(
    {
      orientation,
      hasProfile,
      width,
      height,
    }: Omit<ScannedImages, 'format' | 'count' | 'isTurned'> & { readonly orientation: number },
    format: string,
  ): void {
    this.#options.onImages?.({ format, width, height, count: 1, isTurned: orientation !== 1, hasProfile });
  }
}
