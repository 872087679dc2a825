import type { PixelImage, Region, Size, Window } from '../../pixel-image.js';
import { resample } from './resample.js';
import { mirroredTaps, tapsOf } from './taps.js';

/**
 * How a part of an image is seen: a window of it is resized, and of the resized window a part is kept. What is not in the
 * part is never computed, so that the cost is that of what is seen, whatever the shape of the image.
 */
export interface Cut {
  /** In pixels of the image, inside of it. */
  readonly window: Window;
  /** Size to which the window is resized. */
  readonly resized: Size;
  /** In pixels of the resized window, inside of it. */
  readonly part: Window;
  /** The part is mirrored left and right. */
  readonly flip?: boolean;
}

/** All of a window, resized. */
export function resizedWindow(window: Window, resized: Size): Cut {
  return { window, resized, part: { x: 0, y: 0, ...resized } };
}

/** A cut whose weights are computed. */
export interface PlannedCut {
  /** The pixels of the image that it is made of. */
  readonly source: Window;
  /**
   * Carries the cut out as Pillow's `crop` and `resize(..., BILINEAR)` do, which torchvision's transforms call: the same
   * bytes, on every machine.
   *
   * @param region of the image, at least `source`
   * @param target receives part.width x part.height x 3 bytes; default: memory of its own
   */
  carryOut(region: Region, target?: Uint8Array): PixelImage;
}

export function planCut({ window, resized, part, flip }: Cut): PlannedCut {
  const columns = tapsOf({ from: window.width, to: resized.width, first: part.x, count: part.width });
  const rows = tapsOf({ from: window.height, to: resized.height, first: part.y, count: part.height });
  const seen = flip === true ? mirroredTaps(columns) : columns;
  const size = { width: part.width, height: part.height };
  return {
    source: {
      x: window.x + columns.begin,
      y: window.y + rows.begin,
      width: columns.end - columns.begin,
      height: rows.end - rows.begin,
    },
    carryOut(region, target = new Uint8Array(size.width * size.height * 3)) {
      const resampling = {
        columns: { ...seen, offset: window.x - region.x },
        rows: { ...rows, offset: window.y - region.y },
        size,
      };
      resample(region, resampling, target);
      return { ...size, pixels: target };
    },
  };
}
