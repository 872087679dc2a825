import { bmpLayout } from '#dataset';
import type { Region, Window } from '../pixel-image.js';
import { decodeBmp } from './bmp-pixels.js';
import type { EncodedImage, ImageDecoder } from './image-decoder.js';
import { decodeWithSharp } from './sharp-pixels.js';

/**
 * Decodes with libvips (sharp) where there is no TensorFlow library, and everywhere what TensorFlow has no operation for: the
 * same bytes. Cost: of JPEG and PNG some twice TensorFlow's time.
 */
export function portableDecoder(): ImageDecoder {
  return { kind: 'portable', decodeWindow };
}

function decodeWindow(image: EncodedImage, window: Window): Promise<Region> | Region {
  if (image.header.format === 'bmp') return decodeBmp(image.bytes, bmpLayout(image.bytes), window);
  return decodeWithSharp(image, window);
}
