import type { PixelImage } from '../../pixel-image.js';

/** A copy whose left is right. */
export function mirrored({ width, height, pixels }: PixelImage): PixelImage {
  const target = new Uint8Array(pixels.length);
  for (let row = 0; row < height; row += 1) {
    let from = row * width * 3;
    let to = from + (width - 1) * 3;
    for (let column = 0; column < width; column += 1, from += 3, to -= 3) {
      target[to] = pixels[from] ?? 0;
      target[to + 1] = pixels[from + 1] ?? 0;
      target[to + 2] = pixels[from + 2] ?? 0;
    }
  }
  return { width, height, pixels: target };
}
