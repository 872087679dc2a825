import { permutation, randomStream, type RandomStream } from '#contracts';

/** Keep these streams apart from the others that are keyed by (seed, epoch). */
const BLOCKS_KEY = 0x626c6f63;
const WINDOWS_KEY = 0x77696e64;
/** Files with fewer samples are put together with their neighbours. */
const BLOCK_SAMPLES = 64;
/** A window has at least so many blocks and at least so many samples: few shards are open at once, many samples are mixed. */
const WINDOW_BLOCKS = 4;
const WINDOW_SAMPLES = 2048;

export interface BlockOrderOptions {
  readonly seed: number;
  readonly epoch: number;
  /** Draws (`drawByClass`) or sample numbers, in the order of their samples. */
  readonly draws: Uint32Array;
  /** File of each sample; null: sample i is file i. */
  readonly files: Uint32Array | null;
  readonly numSamples: number;
  /** Lengths of the parts that are read side by side, together as many as draws. */
  readonly sections: readonly number[];
}

/**
 * An order that reads few files at a time. A block is a file's draws, or those of neighbouring small files. The blocks are
 * shuffled, laid end to end and cut into the sections; each section is mixed inside windows of some blocks. A pure function of its
 * arguments, every draw once. Cost for 1.28 M samples: some 60 ms.
 */
export function blockOrder(options: BlockOrderOptions): Uint32Array {
  const { seed, epoch, draws, sections } = options;
  const starts = blockStarts(options);
  const order = new Uint32Array(draws.length);
  /** Where the blocks end in the order. */
  const ends: number[] = [];
  let filled = 0;
  for (const block of permutation(starts.length, BLOCKS_KEY, seed, epoch)) {
    const part = draws.subarray(starts[block], starts[block + 1] ?? draws.length);
    order.set(part, filled);
    filled += part.length;
    ends.push(filled);
  }
  const stream = randomStream(WINDOWS_KEY, seed, epoch);
  let from = 0;
  for (const length of sections) {
    const to = from + length;
    for (const [first, last] of windowsOf(ends, from, to)) shuffle(order.subarray(first, last), stream);
    from = to;
  }
  return order;
}

function blockStarts({ draws, files, numSamples }: BlockOrderOptions): number[] {
  const starts: number[] = [];
  let file = -1;
  let start = -BLOCK_SAMPLES;
  for (const [at, draw] of draws.entries()) {
    const sample = draw % numSamples;
    const now = files?.[sample] ?? sample;
    if (now !== file && at - start >= BLOCK_SAMPLES) starts.push((start = at));
    file = now;
  }
  return starts;
}

/** Cuts [from, to) where blocks end. What is left at the end goes to the last window, if it is too little to be one. */
function windowsOf(ends: readonly number[], from: number, to: number): (readonly [number, number])[] {
  const windows: [number, number][] = [];
  let start = from;
  let numBlocks = 0;
  for (const end of ends) {
    if (end <= from || end >= to) continue;
    numBlocks += 1;
    if (numBlocks < WINDOW_BLOCKS || end - start < WINDOW_SAMPLES || to - end < WINDOW_SAMPLES / 2) continue;
    windows.push([start, end]);
    start = end;
    numBlocks = 0;
  }
  if (start < to) windows.push([start, to]);
  return windows;
}

/** Fisher-Yates, in place. */
function shuffle(values: Uint32Array, stream: RandomStream): void {
  for (let last = values.length - 1; last > 0; last -= 1) {
    const other = stream.nextInt(last + 1);
    const held = values[last] ?? 0;
    values[last] = values[other] ?? 0;
    values[other] = held;
  }
}
