import { headerBytes, parseHeader, PREAMBLE_BYTES, type TensorInfo } from './safetensors-header.js';

/** A tensor of a file before its bytes are written. */
export interface TensorDescription {
  readonly name: string;
  readonly dtype: 'F32' | 'I64';
  readonly shape: readonly number[];
}

/** A tensor of a file: `data` is a view, row-major and little-endian, of any alignment. */
export interface StoredTensor extends TensorInfo {
  readonly data: Uint8Array;
}

export interface SafetensorsFile {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

const sizeBytes = ({ dtype, shape }: TensorDescription): number =>
  shape.reduce((product, size) => product * size, dtype === 'F32' ? 4 : 8);

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
  for (const tensor of tensors) {
    const begin = dataBytes;
    dataBytes += sizeBytes(tensor);
    header[tensor.name] = { dtype: tensor.dtype, shape: tensor.shape, data_offsets: [begin, dataBytes] };
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  // Padded with spaces, so that the data is aligned to 8 bytes.
  const paddedBytes = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(PREAMBLE_BYTES + paddedBytes + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(paddedBytes), true);
  file.fill(0x20, PREAMBLE_BYTES, PREAMBLE_BYTES + paddedBytes);
  file.set(json, PREAMBLE_BYTES);
  let begin = PREAMBLE_BYTES + paddedBytes;
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
