import sharp from 'sharp';
import type { Orientation } from '#contracts';
import { parseImageHeader, type EncodeSample, type Shrink } from '#dataset';
import type { ImageDecoder } from '../decoders/image-decoder.js';
import { openImage } from '../open-image.js';
import { windowOf, type Size } from '../pixel-image.js';

export interface SampleEncoderOptions {
  readonly decoder: ImageDecoder;
  readonly orientation: Orientation;
  /** Null: images stay as they are. */
  readonly shrink: Shrink | null;
}

/**
 * Makes the image file that a pack holds. An image whose shorter side is longer than `shrink` wants is decoded as training
 * does it, turned upright where the data set says so, made smaller (Lanczos) and written as JPEG. Any other image file stays,
 * byte for byte; bare pixels become PNG. The work is done in Node's threads.
 */
export function sampleEncoder({ decoder, orientation, shrink }: SampleEncoderOptions): EncodeSample {
  return async (bytes, encoding) => {
    const asItIs = { bytes, isEncoded: false, isTurned: false };
    if (shrink === null && encoding.kind === 'file') return asItIs;
    const image = openImage(bytes, { encoding, decoder, orientation });
    const isShrunk = shrink !== null && Math.min(image.width, image.height) > shrink.shorterSide;
    if (!isShrunk && encoding.kind === 'file') return asItIs;
    const window = { x: 0, y: 0, width: image.width, height: image.height };
    const { width, height, pixels } = windowOf(await image.region(window), window);
    const picture = sharp(pixels, { raw: { width, height, channels: 3 }, limitInputPixels: false });
    const encoded = isShrunk
      ? picture.resize({ ...shrunkSize(image, shrink.shorterSide), fit: 'fill' }).jpeg({ quality: shrink.quality })
      : picture.png();
    const isTurned = encoding.kind === 'file' && orientation === 'upright' && isStoredTurned(bytes);
    return { bytes: await encoded.toBuffer(), isEncoded: true, isTurned };
  };
}

function shrunkSize({ width, height }: Size, shorterSide: number): Size {
  const ratio = shorterSide / Math.min(width, height);
  return { width: Math.max(1, Math.round(width * ratio)), height: Math.max(1, Math.round(height * ratio)) };
}

function isStoredTurned(bytes: Uint8Array): boolean {
  const parsed = parseImageHeader(bytes);
  return parsed.kind === 'header' && parsed.header.orientation !== 1;
}
