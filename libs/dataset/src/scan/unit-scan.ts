import { extname } from 'node:path';
import { z } from 'zod';
import type { Fault, Split } from '../dataset.js';
import { formatName } from '../image-format/format-name.js';
import type { ImageHeader } from '../image-format/header-parse.js';
import type { FileFacts } from '../sample-index.js';

const faultSchema = z.strictObject({ path: z.string(), message: z.string() });
const column = z.array(z.number());

/**
 * What was found in one unit of a data set, such as a shard, in the order in which it lies there; it can be kept as JSON.
 * Samples are columns: number i of each belongs to sample i.
 */
export const unitScanSchema = z.strictObject({
  files: z.array(
    z.strictObject({
      path: z.string(),
      sizeBytes: z.number(),
      version: z.string().exactOptional(),
      part: z.number().exactOptional(),
      partBytes: z.number().exactOptional(),
    }),
  ),
  /** As they are written. */
  labels: z.array(z.string()),
  formats: z.array(z.string()),
  /** Numbers of files, bytes, numbers of labels, EXIF orientations, 0 or 1, pixels, numbers of formats. */
  samples: z.strictObject({
    files: column,
    offsets: column,
    lengths: column,
    labels: column,
    orientations: column,
    profiles: column,
    widths: column,
    heights: column,
    formats: column,
  }),
  faults: z.array(faultSchema),
  /** Single samples that cannot be read. */
  broken: z.array(faultSchema),
  /** What is not looked at; earlier notes and packs do not tell. */
  others: z.array(z.strictObject({ extension: z.string(), kind: z.string(), count: z.number() })).exactOptional(),
});

export type UnitScan = z.infer<typeof unitScanSchema>;

/** A unit with the split of its samples; null: `divide` tells. */
export interface ScannedUnit {
  readonly split: Split | null;
  readonly scan: UnitScan;
}

export interface FoundSample {
  /** What `addFile` gave. */
  readonly file: number;
  readonly offset: number;
  readonly length: number;
  /** As it is written. */
  readonly label: string;
  readonly header: ImageHeader;
}

/** Collects what a unit holds. */
export class UnitRecorder {
  readonly faults: Fault[] = [];
  readonly broken: Fault[] = [];
  readonly #others = new Map<string, { extension: string; kind: string; count: number }>();
  readonly #files: UnitScan['files'] = [];
  readonly #labels = new Map<string, number>();
  readonly #formats = new Map<string, number>();
  readonly #samples: UnitScan['samples'] = {
    files: [],
    offsets: [],
    lengths: [],
    labels: [],
    orientations: [],
    profiles: [],
    widths: [],
    heights: [],
    formats: [],
  };

  addFile(path: string, { sizeBytes, version, part, partBytes }: FileFacts): number {
    this.#files.push({
      path,
      sizeBytes,
      ...(version === undefined ? {} : { version }),
      ...(part === undefined ? {} : { part }),
      ...(partBytes === undefined ? {} : { partBytes }),
    });
    return this.#files.length - 1;
  }

  add({ file, offset, length, label, header }: FoundSample): void {
    const samples = this.#samples;
    samples.files.push(file);
    samples.offsets.push(offset);
    samples.lengths.push(length);
    samples.labels.push(numberOf(this.#labels, label));
    samples.orientations.push(header.orientation);
    samples.profiles.push(header.hasProfile ? 1 : 0);
    samples.widths.push(header.width);
    samples.heights.push(header.height);
    samples.formats.push(numberOf(this.#formats, formatName(header)));
  }

  /** A file or a member that is not looked at. */
  leaveOut(path: string, kind: string): void {
    const extension = extname(path).toLowerCase();
    const key = `${extension}\0${kind}`;
    const held = this.#others.get(key) ?? { extension, kind, count: 0 };
    held.count += 1;
    this.#others.set(key, held);
  }

  result(): UnitScan {
    return {
      files: this.#files,
      labels: [...this.#labels.keys()],
      formats: [...this.#formats.keys()],
      samples: this.#samples,
      faults: this.faults,
      broken: this.broken,
      ...(this.#others.size > 0 && { others: [...this.#others.values()] }),
    };
  }
}

function numberOf(numbers: Map<string, number>, name: string): number {
  const known = numbers.get(name) ?? numbers.size;
  numbers.set(name, known);
  return known;
}
