import type { Explained } from '#engine';

/** Where in an image a class was seen: row by row, from 0 to 1 at the place that speaks most for it. */
export interface HeatMap {
  readonly width: number;
  readonly height: number;
  readonly values: Float32Array;
}

/**
 * Grad-CAM (Selvaraju et al. 2017, equations 1 and 2) of one image: ReLU of the sum of the feature maps A, each weighted by
 * the class score's gradient with respect to it, averaged over its positions.
 *
 * The networks here average the last maps over their H x W positions and end with a linear layer, so the score is
 * y = sum over c of w_c * mean(A_c) + bias, and its gradient with respect to A_c is w_c / (H*W) everywhere: no backward
 * pass is needed. The map is then the class activation map of Zhou et al. 2016 but for that factor, as section 3 of
 * Selvaraju et al. shows, and the factor goes when the largest value becomes 1.
 *
 * @param weights the head's weight of every feature for the class
 */
export function gradCam({ features, shape }: Pick<Explained, 'features' | 'shape'>, weights: Float32Array): HeatMap {
  const [, height, width, channels] = shape;
  if (weights.length !== channels) throw new Error(`${channels} features a position, ${weights.length} weights`);
  const values = new Float32Array(height * width);
  for (let at = 0; at < values.length; at += 1) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel += 1) {
      sum += (weights[channel] ?? 0) * (features[at * channels + channel] ?? 0);
    }
    values[at] = Math.max(0, sum);
  }
  const largest = values.reduce((best, value) => Math.max(best, value), 0);
  // Where nothing speaks for the class the map is all zero.
  return { width, height, values: largest > 0 ? values.map((value) => value / largest) : values };
}

/** The map at another size: linear between the centres of its positions, constant beyond the outermost. */
export function enlarged({ width, height, values }: HeatMap, side: number): HeatMap {
  const columns = Array.from({ length: side }, (_, at) => place(at, side, width));
  const larger = new Float32Array(side * side);
  for (let row = 0; row < side; row += 1) {
    const { below, above, share } = place(row, side, height);
    for (const [column, across] of columns.entries()) {
      const at = (line: number, position: number): number => values[line * width + position] ?? 0;
      const upper = mixed(at(below, across.below), at(below, across.above), across.share);
      const lower = mixed(at(above, across.below), at(above, across.above), across.share);
      larger[row * side + column] = mixed(upper, lower, share);
    }
  }
  return { width: side, height: side, values: larger };
}

/** The two positions of a line of `from` between which output position `at` of `to` lies, and how near the second. */
function place(at: number, to: number, from: number): { below: number; above: number; share: number } {
  const centre = Math.min(from - 1, Math.max(0, ((at + 0.5) * from) / to - 0.5));
  const below = Math.floor(centre);
  return { below, above: Math.min(from - 1, below + 1), share: centre - below };
}

const mixed = (first: number, second: number, share: number): number => first + (second - first) * share;
