import type { PixelImage, Size } from './pixel-image.js';

/** CIFAR's bytes, all red, then all green, then all blue, as an image. */
export function planarPixels(bytes: Uint8Array, { width, height }: Size): PixelImage {
  const plane = width * height;
  if (bytes.length !== 3 * plane) throw new Error(`${bytes.length} bytes are not 3 planes of ${width}x${height}`);
  const pixels = new Uint8Array(3 * plane);
  for (let at = 0, to = 0; at < plane; at += 1, to += 3) {
    pixels[to] = bytes[at] ?? 0;
    pixels[to + 1] = bytes[plane + at] ?? 0;
    pixels[to + 2] = bytes[2 * plane + at] ?? 0;
  }
  return { width, height, pixels };
}
