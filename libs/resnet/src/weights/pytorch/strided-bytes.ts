import { numElements } from '../safetensors-header.js';

type Elements = Uint8Array | Uint16Array | Uint32Array | BigUint64Array;

/** Views for copying elements of so many bytes, whatever they mean. */
const ARRAYS: Readonly<
  Record<number, { new (buffer: ArrayBufferLike, byteOffset: number, length: number): Elements }>
> = {
  1: Uint8Array,
  2: Uint16Array,
  4: Uint32Array,
  8: BigUint64Array,
};

/** Whether a view's elements lie one after the other in row-major order. Where an axis has one place, its stride is no matter. */
export function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
    const size = shape[axis] ?? 1;
    if (size !== 1 && strides[axis] !== expected) return false;
    expected *= size;
  }
  return true;
}

/**
 * The elements of a view in row-major order, such as those of kernels that were trained channels-last: a copy. `data` begins
 * at the first element and has the length of the view's span.
 */
export function rowMajor(
  data: Uint8Array,
  elementBytes: number,
  { shape, strides }: { readonly shape: readonly number[]; readonly strides: readonly number[] },
): Uint8Array {
  const count = numElements(shape);
  const bytes = new Uint8Array(count * elementBytes);
  const View = ARRAYS[elementBytes] ?? Uint8Array;
  const from = new View(new Uint8Array(data).buffer, 0, data.length / elementBytes);
  const to = new View(bytes.buffer, 0, count);
  const place = shape.map(() => 0);
  let source = 0;
  for (let target = 0; target < count; target += 1) {
    const value = from[source];
    if (value !== undefined) to[target] = value;
    // The next place, as an odometer counts.
    for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
      const at = (place[axis] ?? 0) + 1;
      source += strides[axis] ?? 0;
      if (at < (shape[axis] ?? 0)) {
        place[axis] = at;
        break;
      }
      source -= at * (strides[axis] ?? 0);
      place[axis] = 0;
    }
  }
  return bytes;
}

/** The same elements with their bytes in the other order: a copy. */
export function swapped(data: Uint8Array, elementBytes: number): Uint8Array {
  const bytes = Buffer.from(data);
  if (elementBytes === 2) bytes.swap16();
  else if (elementBytes === 4) bytes.swap32();
  else if (elementBytes === 8) bytes.swap64();
  return bytes;
}
