import type { PixelImage, Size, Window } from '../../pixel-image.js';

interface Turn {
  /** Columns are rows. */
  readonly swaps: boolean;
  /** After that, the upright image's columns and rows run backwards. */
  readonly right: boolean;
  readonly down: boolean;
}

/** How EXIF orientations 1 to 8 (EXIF 2.32, tag 0x0112) store an image. */
const TURNS: readonly Turn[] = [
  { swaps: false, right: false, down: false },
  { swaps: false, right: true, down: false },
  { swaps: false, right: true, down: true },
  { swaps: false, right: false, down: true },
  { swaps: true, right: false, down: false },
  { swaps: true, right: true, down: false },
  { swaps: true, right: true, down: true },
  { swaps: true, right: false, down: true },
];

function turnOf(orientation: number): Turn {
  const turn = TURNS[orientation - 1];
  if (turn === undefined) throw new Error(`bug: ${orientation} is no orientation`);
  return turn;
}

/** The size of a stored image once it is upright. */
export function uprightSize({ width, height }: Size, orientation: number): Size {
  return turnOf(orientation).swaps ? { width: height, height: width } : { width, height };
}

/** Where a window of the upright image lies in the stored one, whose size is given. */
export function storedWindow({ x, y, width, height }: Window, stored: Size, orientation: number): Window {
  const { swaps, right, down } = turnOf(orientation);
  const upright = uprightSize(stored, orientation);
  const column = right ? upright.width - x - width : x;
  const row = down ? upright.height - y - height : y;
  return swaps ? { x: row, y: column, width: height, height: width } : { x: column, y: row, width, height };
}

/** A decoded image, or a window of one, as its camera was held; the image itself where it is upright already. */
export function turnUpright(image: PixelImage, orientation: number): PixelImage {
  const { swaps, right, down } = turnOf(orientation);
  if (!swaps && !right && !down) return image;
  const { width, height } = uprightSize(image, orientation);
  const pixels = new Uint8Array(image.pixels.length);
  const [columnStep, rowStep] = swaps ? [image.width * 3, 3] : [3, image.width * 3];
  for (let row = 0; row < height; row += 1) {
    let from = (down ? height - 1 - row : row) * rowStep + (right ? (width - 1) * columnStep : 0);
    const step = right ? -columnStep : columnStep;
    let to = row * width * 3;
    for (let column = 0; column < width; column += 1, from += step, to += 3) {
      pixels[to] = image.pixels[from] ?? 0;
      pixels[to + 1] = image.pixels[from + 1] ?? 0;
      pixels[to + 2] = image.pixels[from + 2] ?? 0;
    }
  }
  return { width, height, pixels };
}
