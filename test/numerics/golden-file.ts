import { readFileSync } from 'node:fs';
import { decodeSafetensors, type StoredTensor } from '../../libs/resnet/src/weights/safetensors-codec.js';
import type { Batch } from '#data-loading';

/** The bytes of a file that golden.py wrote. */
export const readGolden = (name: string): Uint8Array => readFileSync(new URL(`golden/${name}`, import.meta.url));

/** Tensors of a golden file by name; asking for one that is not there throws. */
export class GoldenFile {
  readonly #tensors: ReadonlyMap<string, StoredTensor>;

  constructor(name: string) {
    this.#tensors = decodeSafetensors(readGolden(name)).tensors;
  }

  names(): string[] {
    return [...this.#tensors.keys()];
  }

  floats(name: string): Float32Array {
    return new Float32Array(this.#bytes(name, 'F32').buffer);
  }

  bytes(name: string): Uint8Array {
    return this.#bytes(name, 'U8');
  }

  /** Images (uint8 NHWC) and labels (int64) under these names. */
  batch(images: string, labels: string): Batch {
    const classes = Int32Array.from(new BigInt64Array(this.#bytes(labels, 'I64').buffer), Number);
    return { images: this.#bytes(images, 'U8'), labels: classes, numSamples: classes.length };
  }

  /** A copy, so that it is aligned. */
  #bytes(name: string, dtype: string): Uint8Array<ArrayBuffer> {
    const tensor = this.#tensors.get(name);
    if (tensor?.dtype !== dtype) throw new Error(`the golden file has no ${dtype} tensor ${name}`);
    return new Uint8Array(tensor.data);
  }
}

/** ||actual - expected|| / ||expected|| in double precision. */
export function relativeError(actual: Float32Array, expected: Float32Array): number {
  if (actual.length !== expected.length) throw new Error(`${actual.length} values against ${expected.length}`);
  let [difference, size] = [0, 0];
  for (const [index, value] of expected.entries()) {
    difference += ((actual[index] ?? Number.NaN) - value) ** 2;
    size += value ** 2;
  }
  return Math.sqrt(difference / size);
}

/** Names of the tensors whose relative error is not within the tolerance, with it. */
export function tensorsBeyond(
  tolerance: number,
  entries: readonly { name: string; offset: number; length: number }[],
  vectors: { actual: Float32Array; expected: Float32Array },
): string[] {
  return entries.flatMap(({ name, offset, length }) => {
    const [actual, expected] = [vectors.actual, vectors.expected].map((vector) =>
      vector.slice(offset, offset + length),
    );
    const error = relativeError(actual ?? new Float32Array(), expected ?? new Float32Array());
    return error <= tolerance ? [] : [`${name}: ${error.toExponential(2)}`];
  });
}
