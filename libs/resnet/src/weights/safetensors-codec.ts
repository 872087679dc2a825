import { RefusedInputError } from '#contracts';

/** Bytes of one element. */
const DTYPE_BYTES: Readonly<Record<string, number>> = {
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
  U64: 8,
  F64: 8,
};

/** The reference implementation's limit. */
const MAX_HEADER_BYTES = 100_000_000;

/** A tensor of a file before its bytes are written. */
export interface TensorDescription {
  readonly name: string;
  readonly dtype: 'F32' | 'I64';
  readonly shape: readonly number[];
}

/** A tensor of a file: `data` is a view, row-major and little-endian, of any alignment. */
export interface StoredTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

export interface SafetensorsFile {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

const numElements = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/**
 * Lays out a safetensors file (u64 header length, JSON header, data) in the order given and lets `write` fill each
 * tensor's bytes, which start at a multiple of the element size as long as no I64 follows an odd number of F32.
 * The same input gives the same bytes.
 */
export function encodeSafetensors(
  tensors: readonly TensorDescription[],
  metadata: Readonly<Record<string, string>>,
  write: (name: string, data: Uint8Array<ArrayBuffer>) => void,
): Uint8Array<ArrayBuffer> {
  let dataBytes = 0;
  const header: Record<string, unknown> = { __metadata__: metadata };
  for (const { name, dtype, shape } of tensors) {
    const begin = dataBytes;
    dataBytes += numElements(shape) * (dtype === 'F32' ? 4 : 8);
    header[name] = { dtype, shape, data_offsets: [begin, dataBytes] };
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  // Padded with spaces, so that the data is aligned to 8 bytes.
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(8 + headerBytes + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.fill(0x20, 8, 8 + headerBytes);
  file.set(json, 8);
  let begin = 8 + headerBytes;
  for (const { name, dtype, shape } of tensors) {
    const end = begin + numElements(shape) * (dtype === 'F32' ? 4 : 8);
    write(name, file.subarray(begin, end));
    begin = end;
  }
  return file;
}

/**
 * Reads a safetensors file without copying. Throws RefusedInputError on anything but a whole, gap-free file: truncated,
 * offsets beyond the end, overlapping, or not matching shape and type.
 */
export function decodeSafetensors(bytes: Uint8Array): SafetensorsFile {
  const { header, data } = splitFile(bytes);
  const metadata = parseMetadata(header['__metadata__']);
  const entries = Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, value]) => ({ name, ...parseEntry(name, value) }))
    .sort((left, right) => left.begin - right.begin || left.end - right.end);
  const tensors = new Map<string, StoredTensor>();
  let end = 0;
  for (const { name, dtype, shape, ...range } of entries) {
    if (range.begin !== end) {
      throw refused(`tensor ${name} begins at byte ${range.begin} of the data, but the one before it ends at ${end}`);
    }
    if (range.end > data.length) {
      throw refused(`tensor ${name} ends at byte ${range.end}, but the file holds ${data.length} bytes of data`);
    }
    tensors.set(name, { dtype, shape, data: data.subarray(range.begin, range.end) });
    end = range.end;
  }
  if (end !== data.length) throw refused(`${data.length - end} bytes follow the last tensor`);
  return { tensors, metadata };
}

const refused = (message: string, cause?: unknown): RefusedInputError =>
  new RefusedInputError(`not a safetensors file that can be read: ${message}`, [], { cause });

function splitFile(bytes: Uint8Array): { header: Record<string, unknown>; data: Uint8Array } {
  if (bytes.length < 8) throw refused(`${bytes.length} bytes are too few for the header length`);
  const declared = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  if (declared > BigInt(MAX_HEADER_BYTES)) throw refused(`a header of ${declared} bytes is over ${MAX_HEADER_BYTES}`);
  const dataBegin = 8 + Number(declared);
  if (dataBegin > bytes.length) throw refused(`a header of ${declared} bytes in a file of ${bytes.length}`);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, dataBegin)));
  } catch (error) {
    throw refused('the header is no JSON', error);
  }
  if (!isRecord(header)) throw refused('the header is no JSON object');
  return { header, data: bytes.subarray(dataBegin) };
}

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

function parseEntry(name: string, value: unknown): { dtype: string; shape: number[]; begin: number; end: number } {
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
