import { readdir } from 'node:fs/promises';
import { RefusedInputError, type DatasetKind, type DatasetSpec } from '#contracts';
import { kindsOf, layoutLines, scanDataset } from './dataset-formats.js';
import type { DatasetScan, OtherFiles, ScanOptions } from './dataset.js';
import type { IndexedReader } from './indexed-reader.js';

export interface SizeSpread {
  readonly min: number;
  /** The lower one of two. */
  readonly median: number;
  readonly max: number;
}

/** What a person wants to know of a data set before training on it. */
export interface DatasetSurvey extends Pick<DatasetScan, 'faults' | 'broken'> {
  readonly kind: DatasetKind;
  readonly path: string;
  readonly classes: readonly {
    readonly name: string;
    /** From synset_words.txt, LOC_synset_mapping.txt; the name itself where there is none. */
    readonly readableName: string;
    readonly numTrain: number;
    readonly numValidation: number;
  }[];
  readonly numTrainSamples: number;
  readonly numValidationSamples: number;
  /** Of sound images, in pixels; null where there are none. */
  readonly width: SizeSpread | null;
  readonly height: SizeSpread | null;
  /** Bytes of the sound images; null where there are none. */
  readonly sizeBytes: SizeSpread | null;
  /** Files that lie among the images and are not looked at, by extension and kind, the most frequent first. */
  readonly others: readonly (OtherFiles & { readonly count: number })[];
  /** Sound images by format: `jpeg`, `png`, `jpeg cmyk`, `jpeg gray`, `planar rgb`. */
  readonly formats: Readonly<Record<string, number>>;
  /** Sound images that say by EXIF that they are to be shown turned or mirrored: a run's `orientation` is about them. */
  readonly numTurned: number;
  /** Sound images with a colour profile, which nothing applies. */
  readonly numWithProfile: number;
  /** Of the readable samples; null where faults left nothing to train on. */
  readonly digest: string | null;
}

/** Counts samples per value, so that a million of them cost a few hundred numbers. */
class Histogram {
  readonly #counts = new Map<number, number>();
  #total = 0;

  add(value: number, count: number): void {
    this.#counts.set(value, (this.#counts.get(value) ?? 0) + count);
    this.#total += count;
  }

  spread(): SizeSpread | null {
    const sorted = [...this.#counts].sort(([a], [b]) => a - b);
    const [min, max] = [sorted[0]?.[0], sorted.at(-1)?.[0]];
    if (min === undefined || max === undefined) return null;
    let seen = 0;
    const median = sorted.find(([, count]) => (seen += count) * 2 >= this.#total)?.[0] ?? max;
    return { min, median, max };
  }
}

export interface SurveyOptions extends ScanOptions {
  /** Works with what was found; the readers are closed afterwards. Not called where faults left one of them out. */
  readonly examine?: (splits: { readonly train: IndexedReader; readonly validation: IndexedReader }) => Promise<void>;
}

/** Looks at a whole data set and reports what is there and what is wrong; a fault is no rejection. */
export async function surveyDataset(spec: DatasetSpec, options: SurveyOptions = {}): Promise<DatasetSurvey> {
  const widths = new Histogram();
  const heights = new Histogram();
  const formats: Record<string, number> = {};
  const others = new Map<string, OtherFiles & { count: number }>();
  let [numTurned, numWithProfile] = [0, 0];
  const scan = await scanDataset(spec, {
    ...options,
    onImages: (images) => {
      widths.add(images.width, images.count);
      heights.add(images.height, images.count);
      formats[images.format] = (formats[images.format] ?? 0) + images.count;
      if (images.isTurned) numTurned += images.count;
      if (images.hasProfile) numWithProfile += images.count;
      options.onImages?.(images);
    },
    onOther: (other) => {
      const key = `${other.extension}\0${other.kind}`;
      const held = others.get(key) ?? { ...other, count: 0 };
      held.count += 1;
      others.set(key, held);
      options.onOther?.(other);
    },
  });
  const { train: trainReader, validation: validationReader } = scan;
  if (trainReader !== null && validationReader !== null) {
    await options.examine?.({ train: trainReader, validation: validationReader });
  }
  await Promise.all([trainReader?.close(), validationReader?.close()]);
  const train = countLabels(scan.train, scan.classes.length);
  const validation = countLabels(scan.validation, scan.classes.length);
  return {
    kind: spec.kind,
    path: spec.path,
    classes: scan.classes.map((name, label) => ({
      name,
      readableName: scan.classNames[label] ?? name,
      numTrain: train[label] ?? 0,
      numValidation: validation[label] ?? 0,
    })),
    numTrainSamples: scan.train?.length ?? 0,
    numValidationSamples: scan.validation?.length ?? 0,
    width: widths.spread(),
    height: heights.spread(),
    sizeBytes: sizesOf([trainReader, validationReader]),
    others: [...others.values()].toSorted((a, b) => b.count - a.count),
    formats,
    numTurned,
    numWithProfile,
    digest: scan.faults.length > 0 ? null : scan.digest,
    faults: scan.faults,
    broken: scan.broken,
  };
}

/** Tells the kind of a data set from what its folder holds. Rejects with RefusedInputError where that is not clear. */
export async function detectDatasetKind(path: string): Promise<DatasetKind> {
  const entries = await readdir(path).catch((error: unknown) => {
    throw new RefusedInputError(`${path} cannot be read as a folder`, [], { cause: error });
  });
  const [kind, ...others] = kindsOf(entries);
  if (kind !== undefined && others.length === 0) return kind;
  const found = kind === undefined ? 'no data set' : `more than one data set (${[kind, ...others].join(', ')})`;
  throw new RefusedInputError(
    `${path} holds ${found}; expected one of\n${layoutLines()
      .map((line) => `  ${line}`)
      .join('\n')}`,
  );
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
