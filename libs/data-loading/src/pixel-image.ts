/** Sides in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A part of an image, in whole pixels. */
export interface Window extends Size {
  readonly x: number;
  readonly y: number;
}

/** RGB bytes, row by row. */
export interface PixelImage extends Size {
  readonly pixels: Uint8Array;
}

/** Pixels of a window, and where it lies. */
export interface Region extends Window, PixelImage {}

/** A window of an image; the image itself where that is all of it, else a copy. */
export function windowOf(image: PixelImage, window: Window): PixelImage {
  const { width, height } = window;
  if (width === image.width && height === image.height) return image;
  const pixels = new Uint8Array(width * height * 3);
  copyWindow(image, window, pixels);
  return { width, height, pixels };
}

/** Writes a window of an image into `target`, width x height x 3 bytes. */
export function copyWindow(image: PixelImage, { x, y, width, height }: Window, target: Uint8Array): void {
  for (let row = 0; row < height; row += 1) {
    const from = ((y + row) * image.width + x) * 3;
    target.set(image.pixels.subarray(from, from + width * 3), row * width * 3);
  }
}
