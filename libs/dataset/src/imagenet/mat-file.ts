import { inflateSync } from 'node:zlib';

/** A value of a MATLAB file: numbers, text, or structs as one record an element. */
export type MatValue = readonly number[] | string | readonly MatRecord[] | null;
export type MatRecord = Readonly<Record<string, MatValue>>;

/** A file that is not as MATLAB writes it. */
export class MatFault extends Error {
  override readonly name = 'MatFault';
}

const HEADER_BYTES = 128;
const MAX_UNPACKED_BYTES = 2 ** 28;

/** Types of elements: MAT-File Format, version 5, table 1-1. */
const MATRIX = 14;
const COMPRESSED = 15;
const NUMBERS: Readonly<Record<number, { readonly size: number; read(bytes: Buffer, at: number): number }>> = {
  1: { size: 1, read: (bytes, at) => bytes.readInt8(at) },
  2: { size: 1, read: (bytes, at) => bytes.readUInt8(at) },
  3: { size: 2, read: (bytes, at) => bytes.readInt16LE(at) },
  4: { size: 2, read: (bytes, at) => bytes.readUInt16LE(at) },
  5: { size: 4, read: (bytes, at) => bytes.readInt32LE(at) },
  6: { size: 4, read: (bytes, at) => bytes.readUInt32LE(at) },
  7: { size: 4, read: (bytes, at) => bytes.readFloatLE(at) },
  9: { size: 8, read: (bytes, at) => bytes.readDoubleLE(at) },
  12: { size: 8, read: (bytes, at) => Number(bytes.readBigInt64LE(at)) },
  13: { size: 8, read: (bytes, at) => Number(bytes.readBigUInt64LE(at)) },
};
const UTF8 = 16;

const STRUCT_CLASS = 2;
const CHAR_CLASS = 4;
const FIRST_NUMBER_CLASS = 6;

interface Element {
  readonly type: number;
  readonly data: Buffer;
}

/**
 * The variables of a MATLAB file of version 5 (what `save` has written since 1996), by name: numbers, text and structs; null for
 * what is none of them. Throws MatFault. Source: MathWorks, MAT-File Format.
 */
export function readMatFile(bytes: Uint8Array): ReadonlyMap<string, MatValue> {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (file.length < HEADER_BYTES || file.toString('latin1', 126, 128) !== 'IM') {
    throw new MatFault('is no MATLAB file of version 5');
  }
  const variables = new Map<string, MatValue>();
  try {
    for (const element of elementsOf(file.subarray(HEADER_BYTES))) {
      const inner = element.type === COMPRESSED ? unpacked(element.data) : [element];
      for (const { type, data } of inner) {
        if (type !== MATRIX) continue;
        const { name, value } = readMatrix(data);
        variables.set(name, value);
      }
    }
  } catch (error) {
    if (error instanceof MatFault) throw error;
    throw new MatFault('is damaged', { cause: error });
  }
  return variables;
}

function unpacked(data: Buffer): readonly Element[] {
  return elementsOf(inflateSync(data, { maxOutputLength: MAX_UNPACKED_BYTES }));
}

/** Elements end to end. Small ones keep data of up to 4 bytes within their tag. */
function elementsOf(bytes: Buffer): readonly Element[] {
  const elements: Element[] = [];
  for (let at = 0; at + 8 <= bytes.length;) {
    const first = bytes.readUInt32LE(at);
    const small = first >>> 16;
    const type = small > 0 ? first & 0xffff : first;
    const from = at + (small > 0 ? 4 : 8);
    const size = small > 0 ? small : bytes.readUInt32LE(at + 4);
    if (from + size > bytes.length) throw new MatFault('is cut short');
    elements.push({ type, data: bytes.subarray(from, from + size) });
    // Compressed elements are not padded.
    const end = from + size;
    at = small > 0 ? at + 8 : type === COMPRESSED ? end : Math.ceil(end / 8) * 8;
  }
  return elements;
}

function readMatrix(data: Buffer): { readonly name: string; readonly value: MatValue } {
  const parts = elementsOf(data);
  const [flags, dimensions, name, ...rest] = parts;
  if (flags === undefined) return { name: '', value: null };
  const matrixClass = flags.data.readUInt8(0);
  const numElements = numbersOf(dimensions).reduce((product, length) => product * length, 1);
  const named = name?.data.toString('latin1') ?? '';
  if (matrixClass === STRUCT_CLASS) return { name: named, value: readStruct(rest, numElements) };
  if (matrixClass === CHAR_CLASS) return { name: named, value: textOf(rest[0]) };
  return { name: named, value: matrixClass < FIRST_NUMBER_CLASS ? null : numbersOf(rest[0]) };
}

function readStruct([nameLength, names, ...values]: readonly Element[], numElements: number): readonly MatRecord[] {
  const [length = 0] = numbersOf(nameLength);
  if (names === undefined || length === 0) return [];
  const fields = Array.from({ length: names.data.length / length }, (_, at) => {
    const field = names.data.toString('latin1', at * length, (at + 1) * length);
    return field.slice(0, Math.max(0, field.indexOf('\0')));
  });
  return Array.from({ length: numElements }, (_, element) =>
    Object.fromEntries(
      fields.map((field, at) => {
        const value = values[element * fields.length + at];
        return [field, value === undefined ? null : readMatrix(value.data).value];
      }),
    ),
  );
}

function numbersOf(element: Element | undefined): readonly number[] {
  const kind = element === undefined ? undefined : NUMBERS[element.type];
  if (element === undefined || kind === undefined) return [];
  return Array.from({ length: element.data.length / kind.size }, (_, at) => kind.read(element.data, at * kind.size));
}

/** Text is kept in UTF-8, or as numbers of 16 bits a character. */
function textOf(element: Element | undefined): string {
  if (element === undefined) return '';
  if (element.type === UTF8) return element.data.toString('utf8');
  return String.fromCharCode(...numbersOf(element));
}
