import type { EncodedImage, ImageDecoder } from './image-decoder.js';
import { EagerOperations } from './eager-operations.js';

/**
 * Decodes with TensorFlow's own operations: DecodeAndCropJpeg (only the lines of the window; fancy upsampling, accurate
 * integer DCT, CMYK and YCCK to RGB), DecodePng (palette, 16 bits and alpha to RGB) and ResizeBilinear.
 *
 * ResizeBilinear reads the four nearest pixels and does not antialias: where a window is more than twice the output's
 * size, JPEG is first scaled by 1/2, 1/4 or 1/8 in the DCT domain, which is an exact average and faster than decoding
 * everything; PNG is averaged by ResizeArea.
 */
export function tensorflowDecoder(): ImageDecoder {
  const operations = new EagerOperations();
  const jpegAttributes = (ratio: number) => [
    operations.int('channels', 3),
    operations.int('ratio', ratio),
    operations.bool('fancy_upscaling', true),
    operations.bool('try_recover_truncated', false),
    operations.string('dct_method', 'INTEGER_ACCURATE'),
  ];
  void jpegAttributes;
  throw new Error('x');
}
