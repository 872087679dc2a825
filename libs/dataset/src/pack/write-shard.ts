import { join } from 'node:path';
import { RefusedInputError } from '#contracts';
import { writeFileAtomically } from '#files';
import type { SampleEncoding } from '../dataset-reader.js';
import { inspectBytes } from '../image-format/inspect-image.js';
import type { IndexedReader } from '../indexed-reader.js';
import { UnitRecorder } from '../scan/unit-scan.js';
import { indexPath, type ShardIndex } from './pack-files.js';
import type { PlannedShard } from './plan-shards.js';
import { ShardFile } from './shard-file.js';

/** A sample as it goes into a pack. */
export interface EncodedSample {
  /** An image file. */
  readonly bytes: Uint8Array;
  /** It is another file than that of the source. */
  readonly isEncoded: boolean;
  /** It was turned upright when it was encoded. */
  readonly isTurned: boolean;
}

/** Makes an image file of what lies in the source. Rejects with the reason where that cannot be decoded. */
export type EncodeSample = (bytes: Uint8Array, encoding: SampleEncoding) => Promise<EncodedSample>;

/** How many samples are read and encoded at once, of all shards together; each shard may always have one. */
export interface SampleRoom {
  numTaken: number;
  readonly numAll: number;
}

export interface WriteShardOptions {
  readonly folder: string;
  readonly reader: IndexedReader;
  readonly classes: readonly string[];
  readonly encode: EncodeSample;
  /** Of all shards that are written at once. */
  readonly room: SampleRoom;
  readonly signal: AbortSignal;
  /** Called after every sample. */
  readonly onSample: () => void;
}

/** Files of a sample are called by its place in the split, which sorts as it lies. */
const KEY_DIGITS = 9;

/** Writes a shard, then its index: where there is an index, the shard is whole. Memory: the images that have room. */
export async function writeShard(shard: PlannedShard, options: WriteShardOptions): Promise<ShardIndex> {
  const { folder, reader, classes, room, signal, onSample } = options;
  await using tar = await ShardFile.create(join(folder, shard.path));
  const recorder = new UnitRecorder();
  let [numEncoded, numTurned] = [0, 0];
  const ahead: Promise<EncodedSample>[] = [];
  let next = 0;
  for (const [at, sample] of shard.samples.entries()) {
    signal.throwIfAborted();
    while (next < shard.samples.length && (ahead.length === 0 || room.numTaken < room.numAll)) {
      const encoded = encodedSample(shard.samples[next] ?? 0, options);
      // Its turn to be awaited may never come.
      encoded.catch(() => undefined);
      ahead.push(encoded);
      room.numTaken += 1;
      next += 1;
    }
    const encoded = await ahead[0];
    if (encoded === undefined) throw new Error('bug: a sample was not begun');
    const inspection = inspectBytes(encoded.bytes);
    if (inspection.kind === 'fault') throw refusal(reader.describe(sample), inspection.reason);
    const { header } = inspection;
    const label = reader.label(sample);
    const key = String(shard.first + at).padStart(KEY_DIGITS, '0');
    const [, offset = 0] = await tar.append([
      { path: `${key}.cls`, bytes: Buffer.from(String(label)) },
      { path: `${key}.${EXTENSIONS[header.format] ?? header.format}`, bytes: encoded.bytes },
    ]);
    void ahead.shift();
    room.numTaken -= 1;
    recorder.add({ file: 0, offset, length: encoded.bytes.length, label: classes[label] ?? '', header });
    numEncoded += encoded.isEncoded ? 1 : 0;
    numTurned += encoded.isTurned ? 1 : 0;
    onSample();
  }
  const written = await tar.finish();
  recorder.addFile(shard.path, { sizeBytes: written.sizeBytes });
  const index: ShardIndex = { version: 1, ...written, numEncoded, numTurned, scan: recorder.result() };
  await writeFileAtomically(join(folder, indexPath(shard.path)), JSON.stringify(index));
  return index;
}

/** Of the formats that are not called as their files are. */
const EXTENSIONS: Readonly<Record<string, string>> = { jpeg: 'jpg', tiff: 'tif' };

async function encodedSample(sample: number, { reader, encode }: WriteShardOptions): Promise<EncodedSample> {
  const bytes = await reader.read(sample);
  try {
    return await encode(bytes, reader.encoding);
  } catch (error) {
    throw refusal(reader.describe(sample), error instanceof Error ? error.message : String(error), error);
  }
}

function refusal(path: string, message: string, cause?: unknown): RefusedInputError {
  return new RefusedInputError(`${path} cannot be packed: ${message}`, [{ path, message }], { cause });
}
