import { describe, expect, it } from '@jest/globals';
import { randomStream } from '#contracts';
import { addInto, addTo } from './add-into.js';
import { addBfloat16 } from './bfloat16.js';
import { KernelMemory } from './kernel-memory.js';

/** No whole turn of a kernel, and more than a block of what is copied. */
const LENGTH = 9_001;
const SPACE = 65_536;

function words(seed: number): Uint32Array<ArrayBuffer> {
  const stream = randomStream(seed);
  return Uint32Array.from({ length: LENGTH }, () => stream.nextInt(2 ** 31) * 2 + stream.nextInt(2));
}
const bitsOf = ({ buffer, byteOffset, byteLength }: Float32Array | Uint16Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

describe('memory that kernels add in', () => {
  const memory = new KernelMemory(4 * SPACE);
  const at = (index: number): Float32Array => new Float32Array(memory.buffer, index * SPACE, LENGTH);
  const halfAt = (index: number): Uint16Array => new Uint16Array(memory.buffer, index * SPACE, LENGTH);
  const NO_NUMBER = 0x7f80_0000;
  /** Bits of a NaN depend on its place in the addition; here as there, but not what is compared. */
  const numbers = words(1).map((bits) => ((bits & NO_NUMBER) === NO_NUMBER ? bits & 0x3fff_ffff : bits));
  const others = words(2).map((bits) => ((bits & NO_NUMBER) === NO_NUMBER ? bits & 0x3fff_ffff : bits));

  it.each([
    ['a third vector', 2],
    ['the left one', 0],
    ['the right one', 1],
  ])('gives the bits of blocks that are copied, into %s', (_name, target) => {
    const expected = new Float32Array(numbers.slice().buffer);
    addInto(expected, new Float32Array(others.slice().buffer));
    at(0).set(new Float32Array(numbers.slice().buffer));
    at(1).set(new Float32Array(others.slice().buffer));
    addTo(at(target), at(0), at(1));
    expect(Buffer.compare(bitsOf(at(target)), bitsOf(expected))).toBe(0);
    const [left, right] = [numbers, others].map((each) => Uint16Array.from(each, (bits) => bits >>> 16));
    if (left === undefined || right === undefined) throw new Error('two vectors');
    const packed = new Uint16Array(LENGTH);
    addBfloat16(packed, left, right);
    halfAt(0).set(left);
    halfAt(1).set(right);
    addBfloat16(halfAt(target), halfAt(0), halfAt(1));
    expect(Buffer.compare(bitsOf(halfAt(target)), bitsOf(packed))).toBe(0);
  });

  it('adds what lies elsewhere as well', () => {
    at(0).fill(1.5);
    const sum = new Float32Array(LENGTH);
    addTo(sum, at(0), new Float32Array(LENGTH).fill(2));
    expect(sum).toEqual(new Float32Array(LENGTH).fill(3.5));
    expect(() => addTo(sum, at(0), new Float32Array(3))).toThrow(RangeError);
  });

  it('is refused where there is not so much address space', () => {
    expect(() => new KernelMemory(2 ** 33)).toThrow(RangeError);
  });
});
