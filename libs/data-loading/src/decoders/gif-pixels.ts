import { firstGifFrame, type GifFrame } from '#dataset';
import type { Region, Window } from '../pixel-image.js';
import type { EncodedImage } from './image-decoder.js';

/**
 * A window of a GIF's first frame, as Pillow has it: pixels that are not drawn have the colour that their number stands for,
 * where libvips has black, and what of the screen the frame leaves out has that colour, too, or the first one.
 */
export async function decodeGif(
  { bytes, header }: EncodedImage,
  window: Window,
  decode: (image: EncodedImage, window: Window) => Promise<Region>,
): Promise<Region> {
  const frame = firstGifFrame(bytes);
  const { transparency } = frame;
  // A copy: the memory is the caller's.
  const drawn = transparency === null ? bytes : bytes.slice();
  if (transparency !== null) drawn[transparency.flagAt] = (drawn[transparency.flagAt] ?? 0) & 0xfe;
  const region = await decode({ bytes: drawn, header }, window);
  fillAround(region, frame, bytes);
  return region;
}

function fillAround({ x, y, width, height, pixels }: Region, frame: GifFrame, bytes: Uint8Array): void {
  const isAll = frame.width === frame.screenWidth && frame.height === frame.screenHeight;
  if (isAll) return;
  const at = frame.palette + 3 * (frame.transparency?.index ?? 0);
  const colour = bytes.subarray(at, at + 3);
  for (let row = 0; row < height; row += 1) {
    const isRow = y + row >= frame.top && y + row < frame.top + frame.height;
    for (let column = 0; column < width; column += 1) {
      const isDrawn = isRow && x + column >= frame.left && x + column < frame.left + frame.width;
      if (!isDrawn) pixels.set(colour, (row * width + column) * 3);
    }
  }
}
