import {
  DTYPE_BYTES,
  headerBytes,
  numElements,
  parseHeader,
  PREAMBLE_BYTES,
  type TensorInfo,
} from './safetensors-header.js';

/** A tensor of a file before its bytes are written. */
export interface TensorDescription extends TensorInfo {
  readonly name: string;
}

/** A tensor of a file: `data` is a view, row-major and little-endian, of any alignment. */
export interface StoredTensor extends TensorInfo {
  readonly data: Uint8Array;
}

export interface SafetensorsFile {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

const sizeBytes = ({ dtype, shape }: TensorDescription): number => numElements(shape) * (DTYPE_BYTES[dtype] ?? 0);

/**
 * What stands before the data of a safetensors file: u64 length and JSON header of the tensors in the order given. Their
 * bytes follow without gaps; each starts at a multiple of the element size as long as no I64 follows an odd number of F32.
 */
export function encodeHeader(
  tensors: readonly TensorDescription[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  let dataBytes = 0;
  const header: Record<string, unknown> = { __metadata__: metadata };
  for (const tensor of tensors) {
    const begin = dataBytes;
    dataBytes += sizeBytes(tensor);
    header[tensor.name] = { dtype: tensor.dtype, shape: tensor.shape, data_offsets: [begin, dataBytes] };
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  // Padded with spaces, so that the data is aligned to 8 bytes.
  const bytes = new Uint8Array(PREAMBLE_BYTES + Math.ceil(json.length / 8) * 8).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(bytes.length - PREAMBLE_BYTES), true);
  bytes.set(json, PREAMBLE_BYTES);
  return bytes;
}

/** A safetensors file of which `write` fills each tensor's bytes. The same input gives the same bytes. */
export function encodeSafetensors(
  tensors: readonly TensorDescription[],
  metadata: Readonly<Record<string, string>>,
  write: (name: string, data: Uint8Array<ArrayBuffer>) => void,
): Uint8Array<ArrayBuffer> {
  const header = encodeHeader(tensors, metadata);
  const dataBytes = tensors.reduce((sum, tensor) => sum + sizeBytes(tensor), 0);
  const file = new Uint8Array(header.length + dataBytes);
  file.set(header);
  let begin = header.length;
  for (const tensor of tensors) {
    const end = begin + sizeBytes(tensor);
    write(tensor.name, file.subarray(begin, end));
    begin = end;
  }
  return file;
}

/**
 * Reads a safetensors file without copying. Throws RefusedInputError on anything but a whole, gap-free file: truncated,
 * offsets beyond the end, overlapping, or not matching shape and type.
 */
export function decodeSafetensors(bytes: Uint8Array): SafetensorsFile {
  const dataBegin = PREAMBLE_BYTES + headerBytes(bytes.subarray(0, PREAMBLE_BYTES), bytes.length);
  const data = bytes.subarray(dataBegin);
  const { places, metadata } = parseHeader(bytes.subarray(PREAMBLE_BYTES, dataBegin), data.length);
  const tensors = new Map(
    places.map(({ name, dtype, shape, begin, end }) => [name, { dtype, shape, data: data.subarray(begin, end) }]),
  );
  return { tensors, metadata };
}
