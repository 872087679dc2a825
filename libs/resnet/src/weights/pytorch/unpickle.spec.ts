import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { unzipSync } from 'fflate';
import { array, assert, nat, property, tuple } from 'fast-check';
import { RefusedInputError } from '#contracts';
import { namedTensors } from './named-tensors.js';
import { OpaqueObject, PickledList, TensorRef, type PickleValue } from './pickle-values.js';
import { unpickle } from './unpickle.js';

/** A pickle, as its operations: text is latin1. */
const pickled = (...operations: readonly string[]): Uint8Array => Buffer.from(operations.join(''), 'latin1');
const read = (...operations: readonly string[]): PickleValue => unpickle(pickled('\x80\x02', ...operations, '.'));
const text = (value: string): string => `X${String.fromCharCode(value.length)}\0\0\0${value}`;

const REBUILD = 'ctorch._utils\n_rebuild_tensor_v2\n';
const storage = (numElements: string): string =>
  `(${text('storage')}ctorch\nFloatStorage\n${text('0')}${text('cpu')}${numElements}tQ`;
const tensor = (offset: string, size: string, stride: string): readonly string[] => [
  REBUILD,
  `(${storage('K\x06')}${offset}${size}${stride}\x89ccollections\nOrderedDict\n)Rt`,
  'R',
];

describe('a pickle of weights', () => {
  it('is read as data', () => {
    expect(read('}', text('a'), 'K\x07', 's')).toEqual(new Map([['a', 7]]));
    expect(read('(K\x01M\x00\x01J\xff\xff\xff\xfft')).toEqual([1, 256, -1]);
    expect(read('\x8a\x02\x00\xff')).toBe(-256);
    expect(read('\x8a\x0a', '\xff'.repeat(9), '\x7f')).toBe(2n ** 79n - 1n);
    expect(read('G?\xf0\0\0\0\0\0\0')).toBe(1);
    // A key of JavaScript's own is one like any other.
    expect(read('}', text('__proto__'), 'N', 's')).toEqual(new Map([['__proto__', null]]));
    expect(read('cargparse\nNamespace\n)\x81}', text('lr'), 'K\x01sb')).toBeInstanceOf(OpaqueObject);
  });

  it('gives tensors by the keys that lead to them, and each container once', () => {
    const value = read('}q\x00(', text('a'), ...tensor('K\x00', 'K\x06\x85', 'K\x01\x85'), text('self'), 'h\x00u');
    expect([...namedTensors(value)]).toEqual([['a', expect.any(TensorRef)]]);
    const list = read(']q\x00h\x00a');
    expect(list).toBeInstanceOf(PickledList);
    expect(namedTensors(list).size).toBe(0);
  });

  it.each([
    ['one call', 'cos\nsystem\n', text('true'), '\x85R'],
    ['a call that is made up of texts', text('os'), text('system'), '\x93', text('true'), '\x85R'],
    ['an object with a state', 'cos\nsystem\n)\x81}b'],
    ['a call that breaks what is around it', 'ctorch._utils\n_rebuild_parameter\n(cos\nsystem\n)RtR'],
  ])('is refused for what it would run: %s', (_, ...operations) => {
    expect(() => read(...operations)).toThrow(/^holds os\.system: only tensors and plain containers are read/);
  });

  it.each([
    ['cut off', pickled('\x80\x02X\xff\0\0\0a'), /ends at byte/],
    ['without an end', pickled('\x80\x02N'), /ends at byte/],
    ['without a value', pickled('\x80\x02.'), /a value is missing/],
    ['with a value from before a mark', pickled('\x80\x02N(\x85.'), /a value is missing/],
    ['without a mark', pickled('\x80\x02t.'), /a mark is missing/],
    ['with a reference to nothing', pickled('\x80\x02h\x01.'), /a reference to a value/],
    ['with a text of protocol 0', pickled("S'a'\n."), /an operation that no weights need, 0x53/],
    ['with an extension code', pickled('\x80\x02\x82\x01.'), /an operation that no weights need/],
    ['with a call of a number', pickled('\x80\x02K\x01)R.'), /a call of what is no function/],
    ['with items of a number', pickled('\x80\x02K\x01K\x01a.'), /items of what is no list/],
    ['with a key without a value', pickled('\x80\x02}(Nu.'), /a key without a value/],
    ['with another persistent id', pickled('\x80\x02NQ.'), /a storage without a name/],
  ])('is refused %s', (_, bytes, message) => {
    let refusal: unknown;
    try {
      unpickle(bytes);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(RefusedInputError);
    expect(refusal).toHaveProperty('message', expect.stringMatching(message));
  });

  it('is refused where it has no end', () => {
    expect(() => read('}'.repeat(500_001))).toThrow(/over 500000 containers/);
    expect(() => read('N0'.repeat(1_000_001))).toThrow(/over 2000000 operations/);
  });

  it.each([
    ['a tensor that ends behind its storage', tensor('K\x01', 'K\x06\x85', 'K\x01\x85'), /ends at byte 28 of .* 24/],
    ['strides that lead out', tensor('K\x00', 'K\x02K\x02\x86', 'K\x06K\x01\x86'), /ends at byte 32/],
    ['a negative stride', tensor('K\x05', 'K\x06\x85', 'J\xff\xff\xff\xff\x85'), /no counts/],
    ['a shape without strides', tensor('K\x00', 'K\x06\x85', ')'), /no counts/],
    ['an offset that is no number', tensor('N', 'K\x06\x85', 'K\x01\x85'), /no counts/],
  ])('is refused with %s', (_, operations, message) => {
    expect(() => read(...operations)).toThrow(message);
  });

  it('is read or refused, whatever its bytes are', () => {
    const file = readFileSync(new URL('../../../../../test/weights/files/lightning.ckpt', import.meta.url));
    const pickle = unzipSync(file)['lightning/data.pkl'] ?? new Uint8Array();
    expect(namedTensors(unpickle(pickle)).size).toBe(60);
    const place = nat(pickle.length - 1);
    const changes = array(tuple(place, nat(255)), { minLength: 1, maxLength: 8 });
    assert(
      property(changes, place, (edits, end) => {
        const bytes = pickle.slice(0, end % 2 === 0 ? pickle.length : end);
        for (const [at, value] of edits) bytes[at] = value;
        try {
          namedTensors(unpickle(bytes));
        } catch (error) {
          if (!(error instanceof RefusedInputError)) throw error;
        }
      }),
      { numRuns: 300 },
    );
  });
});
