import sharp from 'sharp';
import type { Orientation } from '#contracts';
import { UnreadableSampleError, type DatasetReader } from '#dataset';
import type { ImageDecoder } from '../decoders/image-decoder.js';
import { SampleDecoder } from '../loader/sample-decoder.js';
import { WindowCache } from '../loader/window-cache.js';
import { cutOf, openImage, reasonOf } from '../open-image.js';
import type { PixelImage } from '../pixel-image.js';
import { defaultAugmentation, type AugmentationKind } from '../transforms/crop/augmentation.js';
import { resizedWindow } from '../transforms/crop/cut.js';

/** How a sample is to be shown. */
export type SampleView =
  /** The whole image, no larger than it is. */
  | { readonly kind: 'stored' }
  /** What training sees of it: a square of `side`, another one for each seed. Default: as a network of that side has it. */
  | { readonly kind: 'augmented'; readonly augmentation?: AugmentationKind | undefined; readonly seed: number };

export interface SamplePictureOptions {
  readonly reader: DatasetReader;
  readonly decoder: ImageDecoder;
  readonly orientation: Orientation;
  readonly view: SampleView;
  /** The longer side at most, in pixels. */
  readonly side: number;
}

/** Up to this side WebP loses nothing: a few pixels are all there is to see. */
const LOSSLESS_SIDE = 64;
const QUALITY = 90;

/**
 * A sample as a WebP file that people look at; its pixels come the way that those of training come. Rejects with
 * UnreadableSampleError, naming the file.
 */
export async function samplePicture(sample: number, options: SamplePictureOptions): Promise<Uint8Array<ArrayBuffer>> {
  const { view } = options;
  const image = await (view.kind === 'stored' ? storedPixels(sample, options) : augmentedPixels(sample, view, options));
  const { width, height, pixels } = image;
  const encoded = await sharp(pixels, { raw: { width, height, channels: 3 } })
    .webp({ quality: QUALITY, lossless: Math.max(width, height) <= LOSSLESS_SIDE })
    .toBuffer();
  return new Uint8Array(encoded);
}

async function storedPixels(
  sample: number,
  { reader, decoder, orientation, side }: SamplePictureOptions,
): Promise<PixelImage> {
  const bytes = await reader.read(sample);
  try {
    const expected = reader.orientation(sample);
    const image = openImage(bytes, { encoding: reader.encoding, decoder, orientation, expected });
    const { width, height } = image;
    const scale = Math.min(1, side / Math.max(width, height));
    const shown = { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
    return await cutOf(image, resizedWindow({ x: 0, y: 0, width, height }, shown));
  } catch (error) {
    throw new UnreadableSampleError(reader.describe(sample), reasonOf(error), { cause: error });
  }
}

async function augmentedPixels(
  sample: number,
  { augmentation: chosen, seed }: Extract<SampleView, { kind: 'augmented' }>,
  { reader, decoder, orientation, side }: SamplePictureOptions,
): Promise<PixelImage> {
  const cache = new WindowCache(0);
  const augmentation = chosen ?? defaultAugmentation(side);
  const decoding = new SampleDecoder({ reader, decoder, orientation, augmentation, pixelTransforms: {}, seed, cache });
  const pixels = new Uint8Array(side * side * 3);
  await decoding.decodeInto(pixels, sample, { epoch: 0, imageSize: side });
  return { width: side, height: side, pixels };
}
