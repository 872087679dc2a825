import sharp from 'sharp';
import type { PixelImage } from '../evaluation/pixel-image.js';

/**
 * How EXIF orientations 1 to 8 (EXIF 2.32, tag 0x0112) store an image: whether its columns are rows, and whether the
 * upright one's columns and rows, after that, run backwards.
 */
const TURNS: readonly { readonly swaps: boolean; readonly right: boolean; readonly down: boolean }[] = [
  { swaps: false, right: false, down: false },
  { swaps: false, right: true, down: false },
  { swaps: false, right: true, down: true },
  { swaps: false, right: false, down: true },
  { swaps: true, right: false, down: false },
  { swaps: true, right: true, down: false },
  { swaps: true, right: true, down: true },
  { swaps: true, right: false, down: true },
];

/** The EXIF orientation of an encoded image; 1, as stored, where it has none. */
export async function orientationOf(bytes: Uint8Array): Promise<number> {
  const { orientation } = await sharp(bytes).metadata();
  return orientation ?? 1;
}

/** A decoded image as its camera was held; the image itself where it is upright already. */
export function turnUpright(image: PixelImage, orientation: number): PixelImage {
  const turn = TURNS[orientation - 1];
  if (turn === undefined || orientation === 1) return image;
  const { swaps, right, down } = turn;
  const [width, height] = swaps ? [image.height, image.width] : [image.width, image.height];
  const pixels = new Uint8Array(image.pixels.length);
  for (let row = 0; row < height; row += 1) {
    const y = down ? height - 1 - row : row;
    for (let column = 0; column < width; column += 1) {
      const x = right ? width - 1 - column : column;
      const from = 3 * (swaps ? x * image.width + y : y * image.width + x);
      const to = 3 * (row * width + column);
      for (let channel = 0; channel < 3; channel += 1) pixels[to + channel] = image.pixels[from + channel] ?? 0;
    }
  }
  return { width, height, pixels };
}
