import type { PixelImage } from '../pixel-image.js';
import { planCut, resizedWindow } from '../transforms/crop/cut.js';

/** Bits of a hash, as 16-bit words: rows first, then columns. */
export const NUM_WORDS = 8;
const SIDE = 9;
/** Fewer edges than these, of 128, and an image shows nothing that could be recognised. */
const MIN_EDGES = 24;

/**
 * What an image looks like in 128 bits: at 9 x 9 pixels, where it grows lighter to the right and where downwards (the difference
 * hash, N. Krawetz, "Kind of Like That", 2013). Other sizes, qualities and formats of a picture differ by a few bits. Null for an
 * image without edges.
 */
export function lookHash(image: PixelImage): Uint16Array | null {
  const { width, height } = image;
  const whole = { x: 0, y: 0, width, height };
  const { pixels } = planCut(resizedWindow(whole, { width: SIDE, height: SIDE })).carryOut({ ...whole, ...image });
  const light = (x: number, y: number): number => {
    const at = (y * SIDE + x) * 3;
    return 2 * (pixels[at] ?? 0) + 5 * (pixels[at + 1] ?? 0) + (pixels[at + 2] ?? 0);
  };
  const words = new Uint16Array(NUM_WORDS);
  let numEdges = 0;
  for (let bit = 0; bit < 64; bit += 1) {
    const [x, y] = [bit % 8, bit >> 3];
    const here = light(x, y);
    const [right, down] = [light(x + 1, y) - here, light(x, y + 1) - here];
    // Of an even ground noise would set any bit.
    if (right > 8) words[bit >> 4] = (words[bit >> 4] ?? 0) | (1 << (bit & 15));
    if (down > 8) words[4 + (bit >> 4)] = (words[4 + (bit >> 4)] ?? 0) | (1 << (bit & 15));
    numEdges += Number(Math.abs(right) > 8) + Number(Math.abs(down) > 8);
  }
  return numEdges < MIN_EDGES ? null : words;
}

/** How many bits differ. */
export function lookDistance(a: Uint16Array, b: Uint16Array): number {
  let distance = 0;
  for (const [at, word] of a.entries()) {
    for (let bits = word ^ (b[at] ?? 0); bits !== 0; bits &= bits - 1) distance += 1;
  }
  return distance;
}
