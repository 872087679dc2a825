import { cropOrigin, type Size, type View } from './views.js';

/** RGB bytes, row by row. */
export interface PixelImage extends Size {
  readonly pixels: Uint8Array;
}

/** What a view shows of an image that was resized to the view's shorter side; a copy unless it shows all of it. */
export function cutView(image: PixelImage, view: Pick<View, 'crop' | 'flip'>): PixelImage {
  const { crop, flip } = view;
  if (crop === null && !flip) return image;
  const side = crop === null ? { width: image.width, height: image.height } : { width: crop.side, height: crop.side };
  const { x, y } = crop === null ? { x: 0, y: 0 } : cropOrigin(image, crop.side, crop.position);
  const pixels = new Uint8Array(side.width * side.height * 3);
  for (let row = 0; row < side.height; row += 1) {
    const lineStart = (y + row) * image.width;
    const to = row * side.width * 3;
    if (!flip) {
      const from = (lineStart + x) * 3;
      pixels.set(image.pixels.subarray(from, from + side.width * 3), to);
      continue;
    }
    // Column c of the mirror image is column width - 1 - c of the image.
    for (let column = 0; column < side.width; column += 1) {
      const from = (lineStart + image.width - 1 - x - column) * 3;
      for (let channel = 0; channel < 3; channel += 1) {
        pixels[to + column * 3 + channel] = image.pixels[from + channel] ?? 0;
      }
    }
  }
  return { ...side, pixels };
}
