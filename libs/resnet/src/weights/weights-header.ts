import { open, type FileHandle } from 'node:fs/promises';
import { RefusedInputError } from '#contracts';
import { headerBytes, parseHeader, PREAMBLE_BYTES, type TensorPlace } from './safetensors-header.js';

/** What a file's header says. */
export interface WeightsHeader {
  readonly places: readonly TensorPlace[];
  readonly sizeBytes: number;
  /** Where in the file the places count from. */
  readonly dataAt: number;
}

/**
 * What a safetensors file holds, without reading its numbers: a file of any size in milliseconds. Throws
 * RefusedInputError where the path is no such file.
 */
export async function readWeightsHeader(path: string): Promise<WeightsHeader> {
  let file: FileHandle | undefined;
  try {
    file = await open(path);
    const found = await file.stat();
    if (!found.isFile()) throw new RefusedInputError('is no file');
    const preamble = await readAt(file, 0, PREAMBLE_BYTES);
    const length = headerBytes(preamble, found.size);
    const json = await readAt(file, PREAMBLE_BYTES, length);
    const dataAt = PREAMBLE_BYTES + length;
    return { places: parseHeader(json, found.size - dataAt).places, sizeBytes: found.size, dataAt };
  } catch (error) {
    if (error instanceof RefusedInputError) throw error;
    throw new RefusedInputError(`cannot be read: ${error instanceof Error ? error.message : String(error)}`, [], {
      cause: error,
    });
  } finally {
    await file?.close();
  }
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const { bytesRead, buffer } = await file.read(new Uint8Array(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}
