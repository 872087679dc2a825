import type { HeaderParse } from './header-parse.js';

export interface ByteRange {
  readonly from: number;
  readonly length: number;
}

/**
 * Reads a file range by range, wherever in it the ranges lie: yields each range that it wants and is given its bytes, fewer where
 * the file ends. One parser serves files in memory, on disk and in stores.
 */
export type RangeParser<Result> = Generator<ByteRange, Result, Uint8Array>;
export type HeaderParser = RangeParser<HeaderParse>;

/** The file ends before a range that its header has to have. */
export class MissingBytesError extends Error {
  override readonly name = 'MissingBytesError';
  constructor(readonly needBytes: number) {
    super(`${needBytes} bytes are needed`);
  }
}

/** A range with all its bytes. Throws MissingBytesError where the file ends before. */
export function* take(from: number, length: number): RangeParser<DataView> {
  const bytes = yield { from, length };
  if (bytes.length < length) throw new MissingBytesError(from + length);
  return new DataView(bytes.buffer, bytes.byteOffset, length);
}

/** Four characters. */
export function fourCharacters(view: DataView, at: number): string {
  return String.fromCharCode(view.getUint8(at), view.getUint8(at + 1), view.getUint8(at + 2), view.getUint8(at + 3));
}

/** Runs a parser over bytes in memory. Throws what it throws. */
export function parseBytes<Result>(bytes: Uint8Array, parser: RangeParser<Result>): Result {
  let step = parser.next();
  while (step.done !== true) {
    const { from, length } = step.value;
    step = parser.next(bytes.subarray(from, from + length));
  }
  return step.value;
}

/** Ranges are small and lie near each other: what is read is at least so much, and serves the next ranges as well. */
const READ_BYTES = 4096;

/** Runs a parser over what `slice` reads. Rejects with what the parser throws. */
export async function parseSlices<Result>(
  slice: (from: number, length: number) => Promise<Uint8Array>,
  parser: RangeParser<Result>,
): Promise<Result> {
  let held: { readonly from: number; readonly bytes: Uint8Array; readonly isLast: boolean } | null = null;
  let step = parser.next();
  while (step.done !== true) {
    const { from, length } = step.value;
    const isHeld =
      held !== null && from >= held.from && (from + length <= held.from + held.bytes.length || held.isLast);
    if (held === null || !isHeld) {
      const wanted = Math.max(length, READ_BYTES);
      const bytes = await slice(from, wanted);
      held = { from, bytes, isLast: bytes.length < wanted };
    }
    step = parser.next(held.bytes.subarray(from - held.from, from - held.from + length));
  }
  return step.value;
}
