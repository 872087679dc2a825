import type { StoredTensor } from './safetensors-codec.js';

/** Types of numbers that weights can be read from, as `numbersOf` does. */
export const FLOAT_DTYPES: readonly string[] = ['F32', 'F16', 'BF16', 'F64'];

/** The numbers of a tensor as float32: of the file itself where they are that and aligned, else a copy. */
export function numbersOf({ dtype, data }: StoredTensor): Float32Array {
  switch (dtype) {
    case 'F32':
      return new Float32Array(...aligned(data, 4));
    case 'F64':
      return Float32Array.from(new Float64Array(...aligned(data, 8)));
    case 'F16': {
      const floats = halfTable();
      return Float32Array.from(new Uint16Array(...aligned(data, 2)), (half) => floats[half] ?? Number.NaN);
    }
    case 'BF16':
      return fromBrainFloats(new Uint16Array(...aligned(data, 2)));
    default:
      throw new Error(`no weights are read from ${dtype}`);
  }
}

/** Hosts are little-endian, as every platform of Node in use is. */
function aligned(data: Uint8Array, elementBytes: number): [ArrayBufferLike, number, number] {
  const view = data.byteOffset % elementBytes === 0 ? data : new Uint8Array(data);
  return [view.buffer, view.byteOffset, data.byteLength / elementBytes];
}

/** The upper half of a float32. */
function fromBrainFloats(halves: Uint16Array): Float32Array {
  const bits = new Uint32Array(halves.length);
  for (const [index, half] of halves.entries()) bits[index] = half << 16;
  return new Float32Array(bits.buffer);
}

let halves: Float32Array | undefined;

/** Every number of IEEE 754 binary16 by its bits; 256 KiB, made once. */
function halfTable(): Float32Array {
  halves ??= Float32Array.from({ length: 2 ** 16 }, (_, bits) => {
    const [sign, exponent, fraction] = [bits >>> 15 === 1 ? -1 : 1, (bits >>> 10) & 31, bits & 1023];
    if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
    // Without a leading one below the smallest exponent.
    return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
  });
  return halves;
}
