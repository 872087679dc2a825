/** Bytes of a file, or of a part of one, by ranges. */
export interface ByteSource {
  readonly sizeBytes: number;
  /** Exactly `length` bytes from `from` on, which lie in the source; the caller does not write into them. */
  readonly read: (from: number, length: number) => Promise<Uint8Array>;
}

/** A part of a source as a source of its own. */
export function partOf(source: ByteSource, offset: number, sizeBytes: number): ByteSource {
  return { sizeBytes, read: (from, length) => source.read(offset + from, length) };
}

const LEAST_BYTES = 16 * 1024;
const MOST_BYTES = 1024 * 1024;

/**
 * A source that is walked through from front to back, some of it skipped: what lies just behind a read is fetched with it.
 * Reads that follow each other closely make it fetch more at once, so small samples cost few reads, and large ones are not read
 * for their two ends. It holds two pieces.
 */
export function readAhead({ sizeBytes, read }: ByteSource): ByteSource {
  let pieces: readonly { readonly from: number; readonly bytes: Uint8Array }[] = [];
  let aheadBytes = LEAST_BYTES;
  return {
    sizeBytes,
    async read(from, length) {
      const held = pieces.find((piece) => from >= piece.from && from + length <= piece.from + piece.bytes.length);
      if (held !== undefined) return held.bytes.subarray(from - held.from, from - held.from + length);
      const [last] = pieces;
      const gap = last === undefined ? Infinity : from - last.from - last.bytes.length;
      aheadBytes = gap >= -LEAST_BYTES && gap < LEAST_BYTES ? Math.min(MOST_BYTES, aheadBytes * 2) : LEAST_BYTES;
      const bytes = await read(from, Math.min(sizeBytes - from, Math.max(length, aheadBytes)));
      pieces = [{ from, bytes }, ...(last === undefined ? [] : [last])];
      return bytes.subarray(0, length);
    },
  };
}
