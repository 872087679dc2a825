import { RefusedInputError } from '#contracts';

/** Bytes of one element. */
export const DTYPE_BYTES: Readonly<Record<string, number>> = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  I64: 8,
  C64: 8,
  U64: 8,
  F64: 8,
};

/** The reference implementation's limit. */
const MAX_HEADER_BYTES = 100_000_000;

/** Bytes before the header: its length. */
export const PREAMBLE_BYTES = 8;

/** What the header says of a tensor. */
export interface TensorInfo {
  readonly dtype: string;
  readonly shape: readonly number[];
}

/** Where its bytes lie in the data behind the header. */
export interface TensorPlace extends TensorInfo {
  readonly name: string;
  readonly begin: number;
  readonly end: number;
}

export interface SafetensorsHeader {
  /** In the order of their bytes, without gaps. */
  readonly places: readonly TensorPlace[];
  readonly metadata: Readonly<Record<string, string>>;
}

export const numElements = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** Bytes of the header, from the first eight of the file. Throws RefusedInputError where no header can follow. */
export function headerBytes(preamble: Uint8Array, fileBytes: number): number {
  if (preamble.length < PREAMBLE_BYTES) throw refused(`${fileBytes} bytes are too few for the header length`);
  const declared = new DataView(preamble.buffer, preamble.byteOffset, PREAMBLE_BYTES).getBigUint64(0, true);
  if (declared > BigInt(MAX_HEADER_BYTES)) throw refused(`a header of ${declared} bytes is over ${MAX_HEADER_BYTES}`);
  const length = Number(declared);
  if (PREAMBLE_BYTES + length > fileBytes) throw refused(`a header of ${declared} bytes in a file of ${fileBytes}`);
  return length;
}

/**
 * What a file holds, from its header alone. Throws RefusedInputError on anything but a whole, gap-free file: truncated,
 * offsets beyond the end, overlapping, or not matching shape and type.
 */
export function parseHeader(json: Uint8Array, dataBytes: number): SafetensorsHeader {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json));
  } catch (error) {
    throw refused('the header is no JSON', error);
  }
  if (!isRecord(header)) throw refused('the header is no JSON object');
  const places = Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, value]) => ({ name, ...parseEntry(name, value) }))
    .sort((left, right) => left.begin - right.begin || left.end - right.end);
  let before = 0;
  for (const { name, begin, end } of places) {
    if (begin !== before) {
      throw refused(`tensor ${name} begins at byte ${begin} of the data, but the one before it ends at ${before}`);
    }
    if (end > dataBytes) {
      throw refused(`tensor ${name} ends at byte ${end}, but the file holds ${dataBytes} bytes of data`);
    }
    before = end;
  }
  if (before !== dataBytes) throw refused(`${dataBytes - before} bytes follow the last tensor`);
  return { places, metadata: parseMetadata(header['__metadata__']) };
}

const refused = (message: string, cause?: unknown): RefusedInputError =>
  new RefusedInputError(`not a safetensors file that can be read: ${message}`, [], { cause });

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function parseMetadata(value: unknown): Record<string, string> {
  const metadata: Record<string, string> = {};
  if (value === undefined) return metadata;
  if (!isRecord(value)) throw refused('__metadata__ is no object');
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string') throw refused(`metadata ${key} is no string`);
    metadata[key] = text;
  }
  return metadata;
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

function parseEntry(name: string, value: unknown): Omit<TensorPlace, 'name'> {
  if (!isRecord(value)) throw refused(`the entry of tensor ${name} is no object`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== 'string' || !Object.hasOwn(DTYPE_BYTES, dtype)) {
    throw refused(`tensor ${name} has the unknown type ${JSON.stringify(dtype)}`);
  }
  if (!Array.isArray(shape) || !shape.every(isCount)) {
    throw refused(`tensor ${name} has the shape ${JSON.stringify(shape)}`);
  }
  const [begin, end]: unknown[] = Array.isArray(offsets) && offsets.length === 2 ? offsets : [];
  if (!isCount(begin) || !isCount(end) || end < begin) {
    throw refused(`tensor ${name} has the offsets ${JSON.stringify(offsets)}`);
  }
  const expected = numElements(shape) * (DTYPE_BYTES[dtype] ?? 0);
  if (end - begin !== expected) {
    throw refused(`tensor ${name}, ${dtype} [${shape.join(', ')}], needs ${expected} bytes and has ${end - begin}`);
  }
  return { dtype, shape, begin, end };
}
