/** How one sample becomes a square of imageSize pixels: cut a window out, resize it, shift it, mirror it. */
export interface CropPlan {
  /** Window in source pixels, whole numbers, inside the image. It is resized to imageSize x imageSize. */
  readonly crop: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
  /**
   * The output's pixel (x, y) is the resized window's pixel (x + shift.x, y + shift.y); outside of it, padding
   * (PADDING_RGB).
   */
  readonly shift: { readonly x: number; readonly y: number };
  /** Mirror left and right, last of all. */
  readonly flip: boolean;
}

/**
 * The paper pads with zeros after the mean was subtracted; pixels travel as bytes, so padding is ImageNet's mean
 * colour (.485, .456, .406) x 255 rounded, which is zero to within 0.01 after normalisation by that mean.
 */
export const PADDING_RGB: readonly [number, number, number] = [124, 116, 104];

export interface SampleSize {
  readonly width: number;
  readonly height: number;
}

export const NO_SHIFT = { x: 0, y: 0 } as const;

/** The largest square in the middle, scaled by `share`; at least one pixel. */
export function centreSquare({ width, height }: SampleSize, share: number): CropPlan['crop'] {
  const side = Math.max(1, Math.round(Math.min(width, height) * share));
  return { x: Math.floor((width - side) / 2), y: Math.floor((height - side) / 2), width: side, height: side };
}
