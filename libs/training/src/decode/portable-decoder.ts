import sharp, { type Sharp } from 'sharp';
import type { EncodedImage, ImageDecoder } from './image-decoder.js';
import { rgbOfCmyk } from './rgb-of-cmyk.js';

/** Larger images are refused: four components of this many pixels are half a gigabyte. */
const MAX_PIXELS = 2 ** 27;

/**
 * Decodes with libvips (sharp) where there is no TensorFlow library. Same windows and, where nothing is resized, the same
 * bytes; its resampling antialiases. A run must not mix decoders.
 */
export function portableDecoder(): ImageDecoder {
  return {
    kind: 'portable',
    decodeWindow(image, window, imageSize) {
      const cut = open(image)
        .extract({ left: window.x, top: window.y, width: window.width, height: window.height })
        .resize(imageSize, imageSize, { fit: 'fill', kernel: 'linear', fastShrinkOnLoad: false });
      return rgbOf(cut, image);
    },
    decodeWhole(image) {
      return rgbOf(open(image), image);
    },
  };
}

const open = ({ bytes }: EncodedImage): Sharp =>
  sharp(bytes, { failOn: 'truncated', limitInputPixels: MAX_PIXELS, autoOrient: false, ignoreIcc: true });

async function rgbOf(image: Sharp, { header }: EncodedImage): Promise<Uint8Array> {
  const isCmyk = header.format === 'jpeg' && header.numComponents === 4;
  // Without the pipeline's colour space libvips would convert CMYK by a profile of its own.
  const prepared = isCmyk
    ? image.pipelineColourspace('cmyk').toColourspace('cmyk')
    : image.toColourspace('srgb').removeAlpha();
  const { data, info } = await prepared.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  const expected = isCmyk ? 4 : 3;
  if (info.channels !== expected) throw new Error(`decoded to ${info.channels} channels instead of ${expected}`);
  return isCmyk ? rgbOfCmyk(data) : data;
}
