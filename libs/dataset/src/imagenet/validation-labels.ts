import { gunzipSync } from 'node:zlib';
import type { Store } from '#stores';
import type { Fault } from '../dataset.js';
import { readSmall } from '../scan/read-text.js';
import { tarEntries, TarFault } from '../tar/tar-entries.js';
import { MatFault, readMatFile, type MatRecord } from './mat-file.js';

/** What is known of the validation images beside their files. */
export interface ValidationLabels {
  /** The synset of a file by its name, such as `ILSVRC2012_val_00000001.JPEG`. */
  readonly labelOf: (name: string) => string | undefined;
  /** What people call the synsets, where the source says it. */
  readonly names: ReadonlyMap<string, string>;
}

export interface FoundLabels {
  readonly labels: ValidationLabels | null;
  /** What was looked for, there or not. */
  readonly dependsOn: readonly string[];
  readonly faults: readonly Fault[];
}

const DEVKIT = 'ILSVRC2012_devkit_t12';
const TRUTH = 'data/ILSVRC2012_validation_ground_truth.txt';
const META = 'data/meta.mat';
const MAX_DEVKIT_BYTES = 2 ** 28;

/** A source that is there and cannot be read. */
class LabelFault extends Error {}

interface LabelSource {
  /** Looked for in the location. */
  readonly files: readonly string[];
  /** Null where the first file is not there. Throws LabelFault, MatFault, TarFault. */
  readonly read: (read: (path: string) => Promise<Uint8Array | null>) => Promise<ValidationLabels | null>;
}

/** Where the labels may lie, the first one that is there is taken. */
const SOURCES: readonly LabelSource[] = [
  {
    files: [`${DEVKIT}.tar.gz`],
    read: async (read) => {
      const archive = await read(`${DEVKIT}.tar.gz`);
      if (archive === null) return null;
      const files = await unpacked(archive);
      const fileOf = (path: string): Uint8Array | undefined =>
        [...files].find(([name]) => name === path || name.endsWith(`/${path}`))?.[1];
      return ofDevkit(fileOf(TRUTH), fileOf(META));
    },
  },
  {
    files: [`${DEVKIT}/${TRUTH}`, `${DEVKIT}/${META}`],
    read: async (read) => {
      const truth = await read(`${DEVKIT}/${TRUTH}`);
      return truth === null ? null : ofDevkit(truth, (await read(`${DEVKIT}/${META}`)) ?? undefined);
    },
  },
  {
    files: ['LOC_val_solution.csv'],
    read: async (read) => {
      const table = await read('LOC_val_solution.csv');
      return table === null ? null : ofKaggle(textOf(table));
    },
  },
];

/** Reads the labels of the validation images from the first source that is there. */
export async function findValidationLabels(store: Store, signal: AbortSignal | undefined): Promise<FoundLabels> {
  const dependsOn: string[] = [];
  for (const { files, read } of SOURCES) {
    dependsOn.push(...files);
    try {
      const labels = await read((path) => readSmall(store, path, signal));
      if (labels !== null) return { labels, dependsOn, faults: [] };
    } catch (error) {
      if (!(error instanceof LabelFault || error instanceof MatFault || error instanceof TarFault)) throw error;
      return { labels: null, dependsOn, faults: [{ path: files[0] ?? '', message: error.message }] };
    }
  }
  const message = `expected the labels of the validation images: ${DEVKIT}.tar.gz of image-net.org, its folder unpacked, or LOC_val_solution.csv of Kaggle; there is none`;
  return { labels: null, dependsOn, faults: [{ path: '', message }] };
}

async function unpacked(archive: Uint8Array): Promise<ReadonlyMap<string, Uint8Array>> {
  let tar: Uint8Array;
  try {
    tar = gunzipSync(archive, { maxOutputLength: MAX_DEVKIT_BYTES });
  } catch (error) {
    throw new LabelFault('cannot be unpacked: it is damaged', { cause: error });
  }
  const files = new Map<string, Uint8Array>();
  const read = (from: number, length: number): Promise<Uint8Array> =>
    Promise.resolve(tar.subarray(from, from + length));
  for await (const { path, kind, offset, sizeBytes } of tarEntries({ sizeBytes: tar.length, read })) {
    if (kind === 'file') files.set(path, tar.subarray(offset, offset + sizeBytes));
  }
  return files;
}

/** The devkit has a number a line, image by image, and the synsets of the numbers. */
function ofDevkit(truth: Uint8Array | undefined, meta: Uint8Array | undefined): ValidationLabels {
  if (truth === undefined) throw new LabelFault(`holds no ${TRUTH}`);
  if (meta === undefined) throw new LabelFault(`holds no ${META}, which says what the numbers mean`);
  const records = readMatFile(meta).get('synsets');
  if (!Array.isArray(records)) throw new LabelFault('data/meta.mat holds no synsets');
  const synsets = new Map<number, string>();
  const names = new Map<string, string>();
  for (const { ILSVRC2012_ID: id, WNID: synset, words } of records as readonly MatRecord[]) {
    if (!Array.isArray(id) || typeof synset !== 'string')
      throw new LabelFault('data/meta.mat has synsets without numbers');
    synsets.set(Number(id[0]), synset);
    if (typeof words === 'string') names.set(synset, words);
  }
  const labels = textOf(truth)
    .trim()
    .split(/\s+/)
    .map((id) => synsets.get(Number(id)));
  const unknown = labels.findIndex((label) => label === undefined);
  if (unknown >= 0) throw new LabelFault(`line ${unknown + 1} of ${TRUTH} is no number of a synset`);
  return { labelOf: (name) => labels[imageNumber(name) - 1], names };
}

/** Kaggle has `ILSVRC2012_val_00048981,n03995372 85 1 499 272`: the synset is the first word, boxes follow it. */
function ofKaggle(text: string): ValidationLabels {
  const synsets = new Map(
    [...text.matchAll(/^(\w+),\s*(n\d{8})/gm)].map(([, image = '', synset = '']) => [image, synset]),
  );
  if (synsets.size === 0) throw new LabelFault('has no line like ILSVRC2012_val_00048981,n03995372 85 1 499 272');
  return { labelOf: (name) => synsets.get(name.replace(/\.\w+$/, '')), names: new Map() };
}

function imageNumber(name: string): number {
  return Number(/^ILSVRC2012_val_(\d{8})\./.exec(name)?.[1] ?? Number.NaN);
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
