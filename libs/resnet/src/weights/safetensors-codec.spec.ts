import { describe, expect, it } from '@jest/globals';
import { RefusedInputError } from '#contracts';
import { decodeSafetensors, encodeSafetensors } from './safetensors-codec.js';

const file = (header: unknown, dataBytes: number): Uint8Array => {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
};
const tensor = (shape: unknown, data_offsets: unknown, dtype: unknown = 'F32'): unknown => ({
  dtype,
  shape,
  data_offsets,
});

describe('safetensors codec', () => {
  it('gives back what was written, in order and aligned', () => {
    const encoded = encodeSafetensors(
      [
        { name: 'z', dtype: 'F32', shape: [1, 3] },
        { name: 'a', dtype: 'F32', shape: [1] },
        { name: 'count', dtype: 'I64', shape: [] },
      ],
      { format: 'pt' },
      (name, data) => data.fill(name.length),
    );
    const decoded = decodeSafetensors(encoded);
    expect([...decoded.tensors.keys()]).toEqual(['z', 'a', 'count']);
    expect(decoded.metadata).toEqual({ format: 'pt' });
    expect(decoded.tensors.get('z')).toEqual({ dtype: 'F32', shape: [1, 3], data: new Uint8Array(12).fill(1) });
    expect(decoded.tensors.get('count')).toEqual({ dtype: 'I64', shape: [], data: new Uint8Array(8).fill(5) });
    expect(encoded.length % 8).toBe(0);
  });

  it('reads a file that lies anywhere in a larger buffer', () => {
    const bytes = file({ t: tensor([2], [0, 8]) }, 8);
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(decodeSafetensors(shifted.subarray(3)).tensors.get('t')?.shape).toEqual([2]);
  });

  it.each([
    ['too short for a length', new Uint8Array(7), /7 bytes are too few/],
    ['a header beyond the file', new Uint8Array([255, 0, 0, 0, 0, 0, 0, 0, 123]), /header of 255 bytes in a file of 9/],
    ['a huge header', new Uint8Array(16).fill(255), /is over 100000000/],
    ['no JSON', file('{"t":', 0), /no JSON/],
    ['bytes that are no UTF-8', file('{}', 0).fill(0xff, 8), /no JSON/],
    ['an array', file('[]', 0), /no JSON object/],
    ['metadata that is no text', file({ __metadata__: { step: 3 } }, 0), /metadata step/],
    ['an unknown type', file({ t: tensor([1], [0, 4], 'F31') }, 4), /unknown type "F31"/],
    ['a negative size', file({ t: tensor([-1], [0, 4]) }, 4), /shape \[-1\]/],
    ['a size that is no integer', file({ t: tensor([0.5], [0, 2]) }, 2), /shape \[0.5\]/],
    ['three offsets', file({ t: tensor([1], [0, 4, 8]) }, 8), /offsets \[0,4,8\]/],
    ['reversed offsets', file({ t: tensor([1], [4, 0]) }, 4), /offsets \[4,0\]/],
    ['offsets that do not fit the shape', file({ t: tensor([2], [0, 4]) }, 4), /needs 8 bytes and has 4/],
    ['truncated data', file({ t: tensor([2], [0, 8]) }, 7), /ends at byte 8, but the file holds 7/],
    ['a shape whose size overflows', file({ t: tensor([2 ** 52, 2 ** 52], [0, 4]) }, 4), /needs .* bytes/],
    ['overlapping tensors', file({ a: tensor([2], [0, 8]), b: tensor([1], [4, 8]) }, 8), /begins at byte 4/],
    ['a gap', file({ a: tensor([1], [0, 4]), b: tensor([1], [8, 12]) }, 12), /begins at byte 8/],
    ['bytes after the last tensor', file({ a: tensor([1], [0, 4]) }, 5), /1 bytes follow/],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => decodeSafetensors(bytes)).toThrow(RefusedInputError);
    expect(() => decodeSafetensors(bytes)).toThrow(message);
  });
});
