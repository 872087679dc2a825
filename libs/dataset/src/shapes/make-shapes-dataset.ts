import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { randomStream, RefusedInputError } from '#contracts';
import { isCode, writeFileAtomically } from '#files';
import { mapBounded } from '../map-bounded.js';
import { drawShape } from './draw-shape.js';
import { SHAPE_FIELDS } from './shape-fields.js';

export interface ShapesOptions {
  /** Training images over all ten classes. Default 4000. */
  readonly numTrain?: number;
  /** Validation images over all ten classes. Default 1000. */
  readonly numVal?: number;
  /** Side of each image in pixels. Default 40. */
  readonly imageSize?: number;
  /** Same seed and options, same pixels. Default 1. */
  readonly seed?: number;
  /** Called after every 100 images and at the end. */
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
  /** Ends the work; what is written stays and is finished by the next call. */
  readonly signal?: AbortSignal;
}

export interface ShapesResult {
  readonly classes: readonly string[];
  /** Images written by this call; 0 when the data set was complete. */
  readonly numWritten: number;
}

/** Says which data set the folder holds; written last. Its name begins with a dot, so no reader takes it for data. */
const MANIFEST = '.shapes.json';
/** Raise it when the same options begin to draw other pixels. */
const DRAWING_VERSION = 1;
const CONCURRENCY = 4;
const SHAPES_KEY = 0x73686170;

/**
 * Makes a data set of real JPEG files in ten learnable classes (`train/CLASS/*.jpg`, `val/CLASS/*.jpg`), to try the
 * whole of a training run on a machine without one. Every image is a pure function of (seed, split, number).
 *
 * Idempotent: a complete data set of the same options is left as it is, an incomplete one is finished. A folder that
 * holds something else is refused. Cost: about a millisecond of one core an image at 40 pixels.
 */
export async function makeShapesDataset(folder: string, options: ShapesOptions = {}): Promise<ShapesResult> {
  const { numTrain = 4000, numVal = 1000, imageSize = 40, seed = 1, signal } = options;
  const classes = SHAPE_FIELDS.map(([name]) => name);
  checkOptions({ numTrain, numVal, imageSize, seed });
  const manifest = (isComplete: boolean): string =>
    `${JSON.stringify({ version: DRAWING_VERSION, numTrain, numVal, imageSize, seed, isComplete })}\n`;
  const manifestPath = join(folder, MANIFEST);
  const held = await readIfThere(manifestPath);
  if (held === manifest(true)) return { classes, numWritten: 0 };
  if (held !== manifest(false)) {
    await refuseOtherData(folder, held);
    await mkdir(folder, { recursive: true });
    await writeFileAtomically(manifestPath, manifest(false));
  }

  const jobs = planJobs(folder, numTrain, numVal);
  for (const split of ['train', 'val']) {
    for (const name of classes) await mkdir(join(folder, split, name), { recursive: true });
  }
  let done = 0;
  const written = await mapBounded(jobs, CONCURRENCY, async ({ path, label, split, number }) => {
    signal?.throwIfAborted();
    const isNew = !(await isThere(path));
    if (isNew) {
      const pixels = drawShape(label, imageSize, randomStream(SHAPES_KEY, seed, split, number));
      const raw = { width: imageSize, height: imageSize, channels: 3 } as const;
      const jpeg = await sharp(pixels, { raw }).jpeg({ quality: 92, chromaSubsampling: '4:4:4' }).toBuffer();
      await writeFileAtomically(path, jpeg, { isDurable: false });
    }
    done += 1;
    if (done % 100 === 0 || done === jobs.length) options.onProgress?.({ done, total: jobs.length });
    return isNew;
  });
  await writeFileAtomically(manifestPath, manifest(true));
  return { classes, numWritten: written.filter(Boolean).length };
}

interface Job {
  readonly path: string;
  readonly label: number;
  /** 0 train, 1 val. */
  readonly split: number;
  readonly number: number;
}

function planJobs(folder: string, numTrain: number, numVal: number): readonly Job[] {
  const jobs = (split: number, name: string, count: number): Job[] =>
    Array.from({ length: count }, (_, number) => {
      const label = number % SHAPE_FIELDS.length;
      const className = SHAPE_FIELDS[label]?.[0] ?? '';
      return { path: join(folder, name, className, `${String(number).padStart(6, '0')}.jpg`), label, split, number };
    });
  return [...jobs(0, 'train', numTrain), ...jobs(1, 'val', numVal)];
}

function checkOptions(options: { numTrain: number; numVal: number; imageSize: number; seed: number }): void {
  const faults: { path: string; message: string }[] = [];
  const check = (path: keyof typeof options, low: number, high: number): void => {
    const value = options[path];
    if (!Number.isInteger(value) || value < low || value > high) {
      faults.push({ path, message: `expected a whole number from ${low} to ${high}, got ${value}` });
    }
  };
  // Ten classes, none of which may be without an image.
  check('numTrain', SHAPE_FIELDS.length, 10_000_000);
  check('numVal', SHAPE_FIELDS.length, 10_000_000);
  check('imageSize', 16, 1024);
  check('seed', 0, 0xffff_ffff);
  if (faults.length > 0) {
    throw new RefusedInputError(
      `shapes data set: ${faults.map((each) => `${each.path}: ${each.message}`).join('; ')}`,
      faults,
    );
  }
}

async function refuseOtherData(folder: string, held: string | null): Promise<void> {
  const hasOther = held !== null || (await isThere(join(folder, 'train'))) || (await isThere(join(folder, 'val')));
  if (!hasOther) return;
  const what = held === null ? 'data that was not made here' : `a shapes data set of other options: ${held.trim()}`;
  const message = `${folder} already holds ${what}; name another folder or remove it`;
  throw new RefusedInputError(message, [{ path: 'folder', message }]);
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT', 'ENOTDIR')) return null;
    throw error;
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isCode(error, 'ENOENT', 'ENOTDIR')) return false;
    throw error;
  }
}
