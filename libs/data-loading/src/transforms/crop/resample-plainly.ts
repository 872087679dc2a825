import type { PixelImage } from '../../pixel-image.js';
import { HALF, PRECISION_BITS, type PlacedTaps, type Resampling, type Taps } from './taps.js';

/** Both passes in JavaScript: what the kernel does, for what is too large for its memory, and for it to be tested by. */
export function resamplePlainly(source: PixelImage, { columns, rows, size }: Resampling, target: Uint8Array): void {
  const { width } = size;
  const numRows = rows.end - rows.begin;
  const middle = new Uint8Array(width * numRows * 3);
  resampleColumns({ source, top: rows.begin + rows.offset, target: middle, width, numRows }, columns);
  resampleRows(middle, target, width * 3, rows);
}

interface ColumnPass {
  readonly source: PixelImage;
  /** First row of the source that is used. */
  readonly top: number;
  readonly target: Uint8Array;
  readonly width: number;
  readonly numRows: number;
}

function resampleColumns({ source, top, target, width, numRows }: ColumnPass, taps: PlacedTaps): void {
  const { firsts, counts, weights, stride, offset } = taps;
  const { pixels } = source;
  for (let row = 0; row < numRows; row += 1) {
    const line = ((top + row) * source.width + offset) * 3;
    let out = row * width * 3;
    for (let column = 0; column < width; column += 1, out += 3) {
      let [red, green, blue] = [HALF, HALF, HALF];
      let position = line + (firsts[column] ?? 0) * 3;
      const begin = column * stride;
      const end = begin + (counts[column] ?? 0);
      for (let tap = begin; tap < end; tap += 1, position += 3) {
        const weight = weights[tap] ?? 0;
        red = (red + Math.imul(pixels[position] ?? 0, weight)) | 0;
        green = (green + Math.imul(pixels[position + 1] ?? 0, weight)) | 0;
        blue = (blue + Math.imul(pixels[position + 2] ?? 0, weight)) | 0;
      }
      target[out] = byte(red);
      target[out + 1] = byte(green);
      target[out + 2] = byte(blue);
    }
  }
}

/** Line by line, so that memory is read in its order. */
function resampleRows(source: Uint8Array, target: Uint8Array, lineBytes: number, taps: Taps): void {
  const { firsts, counts, weights, stride, begin } = taps;
  const sums = new Int32Array(lineBytes);
  for (const [row, first] of firsts.entries()) {
    sums.fill(HALF);
    let from = (first - begin) * lineBytes;
    for (let tap = 0; tap < (counts[row] ?? 0); tap += 1, from += lineBytes) {
      const weight = weights[row * stride + tap] ?? 0;
      for (let at = 0; at < lineBytes; at += 1) {
        sums[at] = ((sums[at] ?? 0) + Math.imul(source[from + at] ?? 0, weight)) | 0;
      }
    }
    const to = row * lineBytes;
    for (let at = 0; at < lineBytes; at += 1) target[to + at] = byte(sums[at] ?? 0);
  }
}

/** Weights may add up to a little more than one: 255 stays 255. */
function byte(sum: number): number {
  const value = sum >>> PRECISION_BITS;
  return value > 255 ? 255 : value;
}
