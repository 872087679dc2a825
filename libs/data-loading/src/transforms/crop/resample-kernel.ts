import { compiledKernels } from '#vectors';
import type { PixelImage } from '../../pixel-image.js';
import type { Resampling, Taps } from './taps.js';

/** What libs/data-loading/kernels/resample.ts exports; addresses and lengths in bytes. */
interface Kernel {
  readonly memory: WebAssembly.Memory;
  columns(
    source: number,
    sourceLine: number,
    target: number,
    targetLine: number,
    width: number,
    numRows: number,
    ...taps: PlacedInMemory
  ): void;
  rows(
    source: number,
    target: number,
    lineBytes: number,
    targetLine: number,
    numRows: number,
    ...taps: PlacedInMemory
  ): void;
}
type PlacedInMemory = readonly [firsts: number, counts: number, weights: number, stride: number];

/** The kernel of this thread. Its memory grows to what one image needs and is kept. */
const kernel = new WebAssembly.Instance<Kernel>(new WebAssembly.Module(compiledKernels('data-loading'))).exports;
const MAX_MEMORY_BYTES = 32 * 2 ** 20;
const PAGE_BYTES = 65_536;
/** Rows of the source that are in the kernel's memory at once take so much: an image of any size goes through it. */
const BAND_BYTES = 2 ** 20;

/**
 * Both passes of `resample` with SIMD instructions; false where that takes more memory than the kernel may have.
 * Cost at 300x300 to 224x224: some 0.3 ms of one core, JavaScript 1.3 ms.
 */
export function resampleByKernel(source: PixelImage, { columns, rows, size }: Resampling, target: Uint8Array): boolean {
  const { width, height } = size;
  const numRows = rows.end - rows.begin;
  const sourceLine = source.width * 3;
  const rowsAtOnce = Math.max(1, Math.min(numRows, Math.floor(BAND_BYTES / sourceLine)));
  // One byte more than the pixels, as the kernel writes four bytes a pixel, in sixteens.
  const line = sixteens(width * 3 + 1);

  const layout = new Layout();
  const band = layout.take(rowsAtOnce * sourceLine + 4);
  const middle = layout.take(numRows * line);
  // Lines without a gap: what a line has too much is written over by the next one.
  const packed = layout.take(height * width * 3 + 16);
  const columnTaps = placeTaps(layout, columns);
  const rowTaps = placeTaps(layout, rows);
  if (layout.end > MAX_MEMORY_BYTES) return false;
  const missing = layout.end - kernel.memory.buffer.byteLength;
  if (missing > 0) kernel.memory.grow(Math.ceil(missing / PAGE_BYTES));
  const memory = new Uint8Array(kernel.memory.buffer);
  writeTaps(columns, columnTaps);
  writeTaps(rows, rowTaps);

  const top = rows.begin + rows.offset;
  for (let row = 0; row < numRows; row += rowsAtOnce) {
    const count = Math.min(rowsAtOnce, numRows - row);
    memory.set(source.pixels.subarray((top + row) * sourceLine, (top + row + count) * sourceLine), band);
    const first = band + columns.offset * 3;
    kernel.columns(first, sourceLine, middle + row * line, line, width, count, ...columnTaps);
  }
  kernel.rows(middle - rows.begin * line, packed, line, width * 3, height, ...rowTaps);
  target.set(memory.subarray(packed, packed + height * width * 3));
  return true;
}

/** Hands out the kernel's memory from its beginning. */
class Layout {
  end = 0;

  take(numBytes: number): number {
    const at = this.end;
    this.end += sixteens(numBytes);
    return at;
  }
}

function placeTaps(layout: Layout, { firsts, counts, weights, stride }: Taps): PlacedInMemory {
  return [layout.take(firsts.byteLength), layout.take(counts.byteLength), layout.take(weights.byteLength), stride];
}

function writeTaps({ firsts, counts, weights }: Taps, [atFirsts, atCounts, atWeights]: PlacedInMemory): void {
  const words = new Int32Array(kernel.memory.buffer);
  words.set(firsts, atFirsts / 4);
  words.set(counts, atCounts / 4);
  words.set(weights, atWeights / 4);
}

const sixteens = (numBytes: number): number => Math.ceil(numBytes / 16) * 16;
