import { open, stat, type FileHandle } from 'node:fs/promises';
import { RefusedInputError } from '#contracts';
import { readBytes } from './file-bytes.js';
import { isZip, refuseOtherFiles, START_BYTES } from './other-files.js';
import { PytorchTensors } from './pytorch/pytorch-tensors.js';
import type { StoredTensor } from './safetensors-codec.js';
import { headerBytes, parseHeader, PREAMBLE_BYTES, type TensorInfo } from './safetensors-header.js';

/** A tensor of an open file. */
export interface OpenTensor extends TensorInfo {
  /** As in the file; of a pickle, the keys that lead to it, joined with dots. */
  readonly name: string;
  /** Its numbers, row-major and little-endian. Throws RefusedInputError where they cannot be read. */
  readonly read: () => Promise<StoredTensor>;
}

/** A weights file, open until it is disposed of. */
export interface OpenWeights extends AsyncDisposable {
  readonly format: 'safetensors' | 'pytorch';
  readonly sizeBytes: number;
  readonly tensors: ReadonlyMap<string, OpenTensor>;
}

/**
 * Opens what somebody else may have written, safetensors or a zip of `torch.save`, told apart by their bytes. Reads what is
 * in it, not the numbers: a file of any size in milliseconds. Runs nothing of a pickle. Throws RefusedInputError where the
 * path is no such file, with what it is instead.
 */
export async function openWeights(path: string): Promise<OpenWeights> {
  let file: FileHandle | undefined;
  try {
    // Before it is opened: a pipe would wait for a writer.
    if (!(await stat(path)).isFile()) throw new RefusedInputError('is no file');
    file = await open(path);
    const { size: sizeBytes } = await file.stat();
    const start = await readBytes(file, 0, Math.min(sizeBytes, START_BYTES));
    const found = isZip(start) ? await pytorchFile(file) : await safetensorsFile(file, start, sizeBytes);
    const opened = file;
    return { ...found, sizeBytes, [Symbol.asyncDispose]: () => opened.close() };
  } catch (error) {
    await file?.close();
    if (error instanceof RefusedInputError) throw error;
    throw new RefusedInputError(`cannot be read: ${error instanceof Error ? error.message : String(error)}`, [], {
      cause: error,
    });
  }
}

type Found = Pick<OpenWeights, 'format' | 'tensors'>;

async function pytorchFile(file: FileHandle): Promise<Found> {
  const archive = await PytorchTensors.open(file);
  const opened = [...archive.tensors].map(([name, tensor]): [string, OpenTensor] => {
    const { dtype, shape } = tensor;
    return [name, { name, dtype, shape, read: () => archive.read(tensor) }];
  });
  return { format: 'pytorch', tensors: new Map(opened) };
}

async function safetensorsFile(file: FileHandle, start: Uint8Array, sizeBytes: number): Promise<Found> {
  refuseOtherFiles(start);
  const length = headerBytes(start.subarray(0, PREAMBLE_BYTES), sizeBytes);
  const dataAt = PREAMBLE_BYTES + length;
  const { places } = parseHeader(await readBytes(file, PREAMBLE_BYTES, length), sizeBytes - dataAt);
  const opened = places.map(({ name, dtype, shape, begin, end }): [string, OpenTensor] => {
    const read = async () => ({ dtype, shape, data: await readBytes(file, dataAt + begin, end - begin) });
    return [name, { name, dtype, shape, read }];
  });
  return { format: 'safetensors', tensors: new Map(opened) };
}
