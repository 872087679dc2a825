/**
 * Keeps decoded windows by sample number up to a bound, then keeps what it has: epochs visit every sample once in a
 * new order, so dropping the least recently used would drop each entry just before its next use.
 */
export class WindowCache {
  private readonly windows = new Map<number, Uint8Array>();
  private heldBytes = 0;

  constructor(private readonly maxBytes: number) {}

  get(sample: number): Uint8Array | undefined {
    return this.windows.get(sample);
  }

  /** Keeps the window unless that would pass the bound; the caller must not write to it afterwards. */
  set(sample: number, window: Uint8Array): void {
    // Counted as what it keeps alive: a view of a larger buffer keeps all of it.
    const { byteLength } = window.buffer;
    if (this.windows.has(sample) || this.heldBytes + byteLength > this.maxBytes) return;
    this.heldBytes += byteLength;
    this.windows.set(sample, window);
  }
}
