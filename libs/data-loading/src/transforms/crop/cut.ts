import type { PixelImage, Region, Size, Window } from '../../pixel-image.js';
import { mirrored } from './mirrored.js';
import { resample } from './resample.js';
import { tapsOf, type Taps } from './taps.js';

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

/** The pixels of the image that a cut is made of. */
export function sourceOf(cut: Cut): Window {
  const { window } = cut;
  const [columns, rows] = tapsOfCut(cut);
  return {
    x: window.x + columns.begin,
    y: window.y + rows.begin,
    width: columns.end - columns.begin,
    height: rows.end - rows.begin,
  };
}

/**
 * Carries a cut out as Pillow's `crop` and `resize(..., BILINEAR)` do, which torchvision's transforms call: the same bytes,
 * on every machine.
 *
 * @param source of the image, at least `sourceOf(cut)`
 */
export function carryOut(cut: Cut, source: Region): PixelImage {
  const { window, part, flip } = cut;
  const [columns, rows] = tapsOfCut(cut);
  const image = resample(source, {
    columns: { ...columns, offset: window.x - source.x },
    rows: { ...rows, offset: window.y - source.y },
    size: { width: part.width, height: part.height },
  });
  return flip === true ? mirrored(image) : image;
}

function tapsOfCut({ window, resized, part }: Cut): readonly [columns: Taps, rows: Taps] {
  return [
    tapsOf({ from: window.width, to: resized.width, first: part.x, count: part.width }),
    tapsOf({ from: window.height, to: resized.height, first: part.y, count: part.height }),
  ];
}
