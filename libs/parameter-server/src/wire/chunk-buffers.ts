import { CHUNK_BYTES } from '../reduce/ranges.js';

/** Memory for bf16 on its way to or from a socket, used again and again. What is not given back is lost to it alone. */
export class ChunkBuffers {
  readonly #spare: ArrayBuffer[] = [];

  /** Contents undefined. */
  take(numElements: number): Uint16Array<ArrayBuffer> {
    return new Uint16Array(this.#spare.pop() ?? new ArrayBuffer(CHUNK_BYTES), 0, numElements);
  }

  giveBack(values: Uint16Array<ArrayBuffer>): void {
    this.#spare.push(values.buffer);
  }
}

/** The memory of some numbers. */
export function bytesOf({ buffer, byteOffset, byteLength }: Uint16Array | Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
