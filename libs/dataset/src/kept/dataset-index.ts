import { createHash } from 'node:crypto';
import { z } from 'zod';
import { DATASET_KINDS, isRemote, type DatasetKind } from '#contracts';
import type { FileSource } from '#stores';
import type { Dataset, DatasetScan, Split } from '../dataset.js';
import type { SampleEncoding } from '../dataset-reader.js';
import { IndexedReader } from '../indexed-reader.js';
import type { SampleIndex } from '../sample-index.js';
import { COLUMN_NAMES, columnsOf, indexOfColumns, type ColumnName } from './index-columns.js';

/** All that a process needs to read a data set that another has looked at, wherever it lies. */
export interface DatasetIndex extends Pick<DatasetScan, 'classes' | 'classNames' | 'digest'> {
  readonly kind: DatasetKind;
  /** The store that the versions of its files are of; null: the disk. */
  readonly location: string | null;
  readonly encoding: SampleEncoding;
  readonly train: SampleIndex;
  readonly val: SampleIndex;
}

/** Begins an index; a later layout has another number. */
const MAGIC = 'skiplane index 1';
const HASH_BYTES = 32;
/** Magic, size of the header. */
const START_BYTES = 24;

const placeSchema = z.tuple([z.number().int().nonnegative(), z.number().int().nonnegative()]);
const splitSchema = z.strictObject({
  numSamples: z.number().int().nonnegative(),
  columns: z.partialRecord(z.enum(COLUMN_NAMES), placeSchema),
});
const headerSchema = z.strictObject({
  kind: z.enum(DATASET_KINDS),
  digest: z.string(),
  location: z.string().nullable().default(null),
  classes: z.array(z.string()),
  classNames: z.array(z.string()),
  encoding: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('file') }),
    z.strictObject({ kind: z.literal('planar-rgb'), width: z.number(), height: z.number() }),
  ]),
  splits: z.strictObject({ train: splitSchema, val: splitSchema }),
});

/**
 * An index as bytes: a header that says where each column lies, the columns, and a SHA-256 of all. Equal indexes are equal
 * bytes. The bytes lie in the byte order of this machine, which is that of all that Node's TensorFlow runs on.
 */
export function encodeIndex({ train, val, ...head }: DatasetIndex): Uint8Array<ArrayBuffer> {
  const pieces: { readonly at: number; readonly bytes: Uint8Array }[] = [];
  const place = (from: number, index: SampleIndex): [z.infer<typeof splitSchema>, end: number] => {
    const columns: Partial<Record<ColumnName, [number, number]>> = {};
    let at = from;
    for (const [name, bytes] of columnsOf(index)) {
      columns[name] = [at, bytes.length];
      pieces.push({ at, bytes });
      at = aligned(at + bytes.length);
    }
    return [{ numSamples: index.numSamples, columns }, at];
  };
  // Places count from the end of the header, whose length they decide.
  const [trainPlaces, trainEnd] = place(0, train);
  const [valPlaces, end] = place(trainEnd, val);
  const header = new TextEncoder().encode(JSON.stringify({ ...head, splits: { train: trainPlaces, val: valPlaces } }));
  const body = aligned(START_BYTES + header.length);
  const bytes = new Uint8Array(body + end + HASH_BYTES);
  bytes.set(new TextEncoder().encode(MAGIC));
  new DataView(bytes.buffer).setUint32(MAGIC.length, header.length, true);
  bytes.set(header, START_BYTES);
  for (const piece of pieces) bytes.set(piece.bytes, body + piece.at);
  bytes.set(createHash('sha256').update(bytes.subarray(0, -HASH_BYTES)).digest(), bytes.length - HASH_BYTES);
  return bytes;
}

/** Reads an index without a copy of its columns; null where the bytes are not whole or of another layout. */
export function decodeIndex(bytes: Uint8Array<SharedArrayBuffer>): DatasetIndex | null {
  const { buffer } = bytes;
  if (bytes.length < START_BYTES + HASH_BYTES || bytes.byteOffset !== 0) return null;
  if (Buffer.from(buffer, 0, MAGIC.length).toString('latin1') !== MAGIC) return null;
  const hash = createHash('sha256').update(bytes.subarray(0, -HASH_BYTES)).digest();
  if (!hash.equals(bytes.subarray(-HASH_BYTES))) return null;
  const headerBytes = new DataView(buffer).getUint32(MAGIC.length, true);
  const text = Buffer.from(buffer, START_BYTES, headerBytes).toString('utf8');
  const { splits, ...head } = headerSchema.parse(JSON.parse(text));
  // Earlier ones did not say how large parts are.
  if (Object.values(splits).some(({ columns }) => columns.parts && !columns.partBytes)) return null;
  const body = aligned(START_BYTES + headerBytes);
  const indexOf = ({ numSamples, columns }: z.infer<typeof splitSchema>): SampleIndex => {
    return indexOfColumns(buffer, numSamples, (name) => {
      const place = columns[name];
      return place && [body + place[0], place[1]];
    });
  };
  return { ...head, train: indexOf(splits.train), val: indexOf(splits.val) };
}

/** The index of a scan that left nothing to be desired. */
export function indexOfScan(kind: DatasetKind, scan: DatasetScan): DatasetIndex | null {
  const { classes, classNames, digest, train, validation } = scan;
  if (train === null || validation === null) return null;
  const { encoding, snapshot } = train;
  const location = isRemote(snapshot.source.location) ? snapshot.source.location : null;
  return {
    kind,
    location,
    classes,
    classNames,
    digest,
    encoding,
    train: snapshot.index,
    val: validation.snapshot.index,
  };
}

/** The readers of an index, of files that lie at `source`. */
export function readersOf(index: DatasetIndex, source: FileSource): Pick<Dataset, 'train' | 'validation'> {
  const { kind, classes, encoding } = index;
  const open = (split: Split): IndexedReader =>
    new IndexedReader({ source, kind, classes, encoding, index: index[split] });
  return { train: open('train'), validation: open('val') };
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}
