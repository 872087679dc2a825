import { copyWindow, type PixelImage } from '../../pixel-image.js';
import { resampleByKernel } from './resample-kernel.js';
import { resamplePlainly } from './resample-plainly.js';
import type { Resampling } from './taps.js';

/**
 * Resizes as Pillow does: columns first, of those rows alone that are used, each pass rounded to bytes with 22 bits of fixed
 * point. Every sum stays below 2^31, so 32-bit integers hold it, and what lies above a byte is the rounding of the weights.
 *
 * @param target receives width x height x 3 bytes
 */
export function resample(source: PixelImage, resampling: Resampling, target: Uint8Array): void {
  const { columns, rows, size } = resampling;
  if (columns.isIdentity && rows.isIdentity) {
    copyWindow(source, { ...size, x: columns.begin + columns.offset, y: rows.begin + rows.offset }, target);
    return;
  }
  if (!resampleByKernel(source, resampling, target)) resamplePlainly(source, resampling, target);
}
