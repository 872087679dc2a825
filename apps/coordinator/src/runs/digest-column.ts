const DIGEST_BYTES = 16;

/** Digests by row, 17 bytes each. */
export class DigestColumn {
  #bytes = Buffer.alloc(0);
  #present = new Uint8Array(0);

  get(row: number): string | undefined {
    if (this.#present[row] !== 1) return undefined;
    return this.#bytes.toString('hex', row * DIGEST_BYTES, (row + 1) * DIGEST_BYTES);
  }

  /** The row must lie below the capacity. */
  set(row: number, digest: string | undefined): void {
    this.#present[row] = digest === undefined ? 0 : 1;
    if (digest !== undefined) this.#bytes.write(digest, row * DIGEST_BYTES, 'hex');
  }

  grow(capacity: number): void {
    const present = new Uint8Array(capacity);
    present.set(this.#present);
    this.#present = present;
    const bytes = Buffer.alloc(capacity * DIGEST_BYTES);
    this.#bytes.copy(bytes);
    this.#bytes = bytes;
  }
}
