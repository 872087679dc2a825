import type { FileHandle } from 'node:fs/promises';
import { RefusedInputError } from '#contracts';

/** So many bytes of a file, whole. Throws RefusedInputError where it ends before. */
export async function readBytes(file: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(bytes, done, length - done, position + done);
    if (bytesRead === 0) throw new RefusedInputError(`the file ends at byte ${position + done}`);
    done += bytesRead;
  }
  return bytes;
}
