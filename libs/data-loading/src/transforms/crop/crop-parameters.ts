import type { Size, Window } from '../../pixel-image.js';
import type { Cut } from './cut.js';

/** How one sample becomes a square of imageSize pixels: cut, shift, mirror. */
export interface CropParameters {
  /** Gives imageSize x imageSize pixels. */
  readonly cut: Cut;
  /**
   * The output's pixel (x, y) is the cut's pixel (x + shift.x, y + shift.y); outside of it, padding (PADDING_RGB).
   */
  readonly shift: { readonly x: number; readonly y: number };
  /** Mirror left and right, last of all; a cut that no other epoch makes is mirrored itself. */
  readonly flip: boolean;
}

/**
 * The paper pads with zeros after the mean was subtracted; pixels travel as bytes, so padding is ImageNet's mean
 * colour (.485, .456, .406) x 255 rounded, which is zero to within 0.01 after normalisation by that mean.
 */
export const PADDING_RGB: readonly [number, number, number] = [124, 116, 104];

export const NO_SHIFT = { x: 0, y: 0 } as const;

/** The largest square in the middle. */
export function centreSquare({ width, height }: Size): Window {
  const side = Math.min(width, height);
  return { x: Math.floor((width - side) / 2), y: Math.floor((height - side) / 2), width: side, height: side };
}
