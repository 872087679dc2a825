import { windowOf, type PixelImage } from '../../pixel-image.js';
import { resampleByKernel } from './resample-kernel.js';
import { resamplePlainly } from './resample-plainly.js';
import type { Resampling } from './taps.js';

/**
 * Resizes as Pillow does: columns first, of those rows alone that are used, each pass rounded to bytes with 22 bits of fixed
 * point. Every sum stays below 2^31, so 32-bit integers hold it, and what lies above a byte is the rounding of the weights.
 * Returns a copy, also where nothing is resized.
 */
export function resample(source: PixelImage, resampling: Resampling): PixelImage {
  const { columns, rows, size } = resampling;
  if (columns.isIdentity && rows.isIdentity) {
    const [x, y] = [columns.begin + columns.offset, rows.begin + rows.offset];
    const image = windowOf(source, { ...size, x, y });
    return image === source ? { ...image, pixels: image.pixels.slice() } : image;
  }
  return resampleByKernel(source, resampling) ?? resamplePlainly(source, resampling);
}
