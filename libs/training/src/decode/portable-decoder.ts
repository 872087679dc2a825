import sharp, { type Sharp } from 'sharp';
import type { ImageDecoder } from './image-decoder.js';

/** Larger images are refused: four components of this many pixels are half a gigabyte. */
const MAX_PIXELS = 2 ** 27;

/**
 * Decodes with libvips (sharp) where there is no TensorFlow library. Same windows, other bits: its resampling
 * antialiases, and its CMYK conversion uses a colour profile. A run must not mix decoders.
 */
export function portableDecoder(): ImageDecoder {
  return {
    kind: 'portable',
    decodeWindow({ bytes }, window, imageSize) {
      const cut = open(bytes)
        .extract({ left: window.x, top: window.y, width: window.width, height: window.height })
        .resize(imageSize, imageSize, { fit: 'fill', kernel: 'linear', fastShrinkOnLoad: false });
      return rgbOf(cut);
    },
    decodeWhole({ bytes }) {
      return rgbOf(open(bytes));
    },
  };
}

const open = (bytes: Uint8Array): Sharp =>
  sharp(bytes, { failOn: 'truncated', limitInputPixels: MAX_PIXELS, autoOrient: false });

async function rgbOf(image: Sharp): Promise<Uint8Array> {
  const { data, info } = await image
    .toColourspace('srgb')
    .removeAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== 3) throw new Error(`decoded to ${info.channels} channels instead of 3`);
  return data;
}
