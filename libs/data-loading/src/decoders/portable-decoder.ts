import sharp from 'sharp';
import type { Region, Window } from '../pixel-image.js';
import type { EncodedImage, ImageDecoder } from './image-decoder.js';

/** Decodes with libvips (sharp) where there is no TensorFlow library: the same bytes. Cost: some twice the time. */
export function portableDecoder(): ImageDecoder {
  return { kind: 'portable', decodeWindow };
}

async function decodeWindow({ bytes, header }: EncodedImage, window: Window): Promise<Region> {
  const isCmyk = header.format === 'jpeg' && header.numComponents === 4;
  const cut = sharp(bytes, {
    failOn: 'truncated',
    limitInputPixels: false,
    autoOrient: false,
    ignoreIcc: true,
  }).extract({
    left: window.x,
    top: window.y,
    width: window.width,
    height: window.height,
  });
  // Without the pipeline's colour space libvips would convert CMYK by a profile of its own.
  const colours = isCmyk
    ? cut.pipelineColourspace('cmyk').toColourspace('cmyk')
    : cut.toColourspace('srgb').removeAlpha();
  const { data, info } = await colours.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  const expected = isCmyk ? 4 : 3;
  if (info.channels !== expected) throw new Error(`decoded to ${info.channels} channels instead of ${expected}`);
  return { ...window, pixels: isCmyk ? rgbOfCmyk(data) : data };
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
