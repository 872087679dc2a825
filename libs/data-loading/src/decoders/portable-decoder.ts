import sharp from 'sharp';
import type { Region, Window } from '../pixel-image.js';
import type { EncodedImage, ImageDecoder } from './image-decoder.js';
import { rgbOfCmyk } from './rgb-of-cmyk.js';

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
