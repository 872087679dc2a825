/** Memory that reads share which come one after the other; it grows to the largest. */
export class ReadMemory {
  #bytes = new Uint8Array(0);

  /** What was taken before is overwritten. */
  take(numBytes: number): Uint8Array<ArrayBuffer> {
    // Half as much again: sizes of photos vary, and every growth throws the old memory away.
    if (numBytes > this.#bytes.length) this.#bytes = new Uint8Array(Math.ceil(numBytes * 1.5));
    return this.#bytes.subarray(0, numBytes);
  }
}
