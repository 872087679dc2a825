import sharp, { type Sharp } from 'sharp';
import type { ImageHeader } from '#dataset';
import type { Region, Window } from '../pixel-image.js';
import { storedWindow, turnUpright, uprightSize } from '../transforms/crop/turn-upright.js';
import { decodeGif } from './gif-pixels.js';
import type { EncodedImage } from './image-decoder.js';

/** Decodes a window with libvips: everything but BMP, which libvips does not read. Rejects with the reason. */
export async function decodeWithSharp({ bytes, header }: EncodedImage, window: Window): Promise<Region> {
  const image = { bytes, header };
  if (header.format === 'gif') return decodeGif(image, window, cutOut);
  if (header.format === 'avif') return decodeTurned(image, window);
  return header.isCmyk ? cutOutOfCmyk(image, window) : cutOut(image, window);
}

/** As bytes of red, green and blue; alpha is dropped. */
async function cutOut(image: EncodedImage, window: Window): Promise<Region> {
  const { pixels, numChannels } = await rawPixels(opened(image, window).toColourspace('srgb').removeAlpha());
  if (numChannels !== 3) throw new Error(`decoded to ${numChannels} channels instead of 3`);
  return { ...window, pixels };
}

async function cutOutOfCmyk(image: EncodedImage, window: Window): Promise<Region> {
  // Without the pipeline's colour space libvips would convert CMYK by a profile of its own.
  const inks = opened(image, window).pipelineColourspace('cmyk').toColourspace('cmyk');
  const { pixels, numChannels } = await rawPixels(inks);
  if (numChannels !== 4) throw new Error(`decoded to ${numChannels} channels instead of 4`);
  return { ...window, pixels: rgbOfCmyk(pixels) };
}

/** libheif turns and mirrors an AVIF as it decodes it: it is turned back, for a window is one of the image as stored. */
async function decodeTurned(image: EncodedImage, window: Window): Promise<Region> {
  const { header } = image;
  const back = inverseOf(header.orientation);
  const shown = storedWindow(window, uprightSize(header, header.orientation), back);
  const { pixels } = await cutOut(image, shown);
  return { ...window, pixels: turnUpright({ ...shown, pixels }, back).pixels };
}

/** Quarter turns undo each other; every other turn undoes itself. */
function inverseOf(orientation: ImageHeader['orientation']): number {
  if (orientation === 6) return 8;
  return orientation === 8 ? 6 : orientation;
}

function opened({ bytes, header }: EncodedImage, { x, y, width, height }: Window): Sharp {
  // libjpeg mends what is damaged, as Pillow and TensorFlow let it; libtiff would give black for what it cannot read.
  const failOn = header.format === 'jpeg' || header.format === 'png' ? 'truncated' : 'error';
  const options = { failOn, limitInputPixels: false, autoOrient: false, ignoreIcc: true } as const;
  return sharp(bytes, options).extract({ left: x, top: y, width, height });
}

async function rawPixels(image: Sharp): Promise<{ readonly pixels: Uint8Array; readonly numChannels: number }> {
  const { data, info } = await image.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  return { pixels: data, numChannels: info.channels };
}

/** Ink as bytes of cyan, magenta, yellow and black to light, as TensorFlow's DecodeJpeg does it: rounded down. */
function rgbOfCmyk(inks: Uint8Array): Uint8Array {
  const pixels = new Uint8Array((inks.length / 4) * 3);
  for (let from = 0, to = 0; from < inks.length; from += 4, to += 3) {
    const white = 255 - (inks[from + 3] ?? 0);
    for (let channel = 0; channel < 3; channel += 1) {
      pixels[to + channel] = Math.floor((white * (255 - (inks[from + channel] ?? 0))) / 255);
    }
  }
  return pixels;
}
