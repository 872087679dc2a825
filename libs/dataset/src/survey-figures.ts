import { z } from 'zod';
import type { DatasetScan, OtherFiles, ScannedImages, ScanOptions } from './dataset.js';
import type { IndexedReader } from './indexed-reader.js';

const count = z.number().int().nonnegative();
const sizeSpreadSchema = z.strictObject({
  min: z.number(),
  /** The lower one of two. */
  median: z.number(),
  max: z.number(),
});
export type SizeSpread = z.infer<typeof sizeSpreadSchema>;

/** What of a survey tells what a data set holds. */
export const surveyContentSchema = z.strictObject({
  classes: z.array(
    z.strictObject({
      name: z.string(),
      /** From synset_words.txt, LOC_synset_mapping.txt; the name itself where there is none. */
      readableName: z.string(),
      numTrain: count,
      numValidation: count,
    }),
  ),
  /** Of sound images, in pixels; null where there are none. */
  width: sizeSpreadSchema.nullable(),
  height: sizeSpreadSchema.nullable(),
  /** Bytes of the sound images; null where there are none. */
  sizeBytes: sizeSpreadSchema.nullable(),
  /** Files that lie among the images and are not looked at, by extension and kind, the most frequent first. */
  others: z.array(z.strictObject({ extension: z.string(), kind: z.string(), count })),
  /** Sound images by format: `jpeg`, `png`, `jpeg cmyk`, `jpeg gray`, `planar rgb`. */
  formats: z.record(z.string(), count),
  /** Sound images that say by EXIF that they are to be shown turned or mirrored: a run's `orientation` is about them. */
  numTurned: count,
  /** Sound images with a colour profile, which nothing applies. */
  numWithProfile: count,
});
export type SurveyContent = z.infer<typeof surveyContentSchema>;

/** Counts samples per value, so that a million of them cost a few hundred numbers. */
class Histogram {
  readonly #counts = new Map<number, number>();
  #total = 0;

  add(value: number, times: number): void {
    this.#counts.set(value, (this.#counts.get(value) ?? 0) + times);
    this.#total += times;
  }

  spread(): SizeSpread | null {
    const sorted = [...this.#counts].sort(([a], [b]) => a - b);
    const [min, max] = [sorted[0]?.[0], sorted.at(-1)?.[0]];
    if (min === undefined || max === undefined) return null;
    let seen = 0;
    const median = sorted.find(([, times]) => (seen += times) * 2 >= this.#total)?.[0] ?? max;
    return { min, median, max };
  }
}

/** Counts what a scan comes upon. */
export class SurveyFigures {
  readonly #widths = new Histogram();
  readonly #heights = new Histogram();
  readonly #formats: Record<string, number> = {};
  readonly #others = new Map<string, { -readonly [Field in keyof OtherFiles]: OtherFiles[Field] }>();
  #numTurned = 0;
  #numWithProfile = 0;

  /** The options of a scan that is to be counted. */
  counting(options: ScanOptions): ScanOptions {
    return {
      ...options,
      onImages: (images) => {
        this.#addImages(images);
        options.onImages?.(images);
      },
      onOther: (other) => {
        this.#addOther(other);
        options.onOther?.(other);
      },
    };
  }

  #addImages(images: ScannedImages): void {
    this.#widths.add(images.width, images.count);
    this.#heights.add(images.height, images.count);
    this.#formats[images.format] = (this.#formats[images.format] ?? 0) + images.count;
    if (images.isTurned) this.#numTurned += images.count;
    if (images.hasProfile) this.#numWithProfile += images.count;
  }

  #addOther({ extension, kind, count: times }: OtherFiles): void {
    const key = `${extension}\0${kind}`;
    const held = this.#others.get(key) ?? { extension, kind, count: 0 };
    held.count += times;
    this.#others.set(key, held);
  }

  /** Of the scan that has ended. */
  content(scan: Pick<DatasetScan, 'classes' | 'classNames' | 'train' | 'validation'>): SurveyContent {
    const train = countLabels(scan.train, scan.classes.length);
    const validation = countLabels(scan.validation, scan.classes.length);
    return {
      classes: scan.classes.map((name, label) => ({
        name,
        readableName: scan.classNames[label] ?? name,
        numTrain: train[label] ?? 0,
        numValidation: validation[label] ?? 0,
      })),
      width: this.#widths.spread(),
      height: this.#heights.spread(),
      sizeBytes: sizesOf([scan.train, scan.validation]),
      others: [...this.#others.values()].toSorted((a, b) => b.count - a.count),
      formats: this.#formats,
      numTurned: this.#numTurned,
      numWithProfile: this.#numWithProfile,
    };
  }
}

function sizesOf(readers: readonly (IndexedReader | null)[]): SizeSpread | null {
  const sizes = new Histogram();
  for (const reader of readers) for (const length of reader?.snapshot.index.lengths ?? []) sizes.add(length, 1);
  return sizes.spread();
}

function countLabels(reader: DatasetScan['train'], numClasses: number): Uint32Array {
  const counts = new Uint32Array(numClasses);
  for (const label of reader?.snapshot.index.labels ?? []) counts[label] = (counts[label] ?? 0) + 1;
  return counts;
}
