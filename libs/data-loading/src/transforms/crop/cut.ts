import type { PixelImage, Region, Size, Window } from '../../pixel-image.js';
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

/** A copy whose left is right. */
function mirrored({ width, height, pixels }: PixelImage): PixelImage {
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
