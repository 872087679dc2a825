/**
 * Keeps decoded windows by sample number up to a bound, then keeps what it has: epochs visit every sample once in a
 * new order, so dropping the least recently used would drop each entry just before its next use.
 */
export class WindowCache {
  readonly #windows = new Map<number, Uint8Array>();
  #heldBytes = 0;

  readonly #maxBytes: number;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The sample's window of imageSize x imageSize pixels, if that is the one that is kept. */
  get(sample: number, imageSize: number): Uint8Array | undefined {
    const held = this.#windows.get(sample);
    return held?.length === imageSize * imageSize * 3 ? held : undefined;
  }

  /**
   * Keeps the window in place of another one of the sample, unless that would pass the bound; the caller must not write
   * to it afterwards. Whether it is kept.
   */
  set(sample: number, window: Uint8Array): boolean {
    // Counted as what it keeps alive: a view of a larger buffer keeps all of it.
    const added = window.buffer.byteLength - (this.#windows.get(sample)?.buffer.byteLength ?? 0);
    if (this.#heldBytes + added > this.#maxBytes) return false;
    this.#heldBytes += added;
    this.#windows.set(sample, window);
    return true;
  }
}
