import {
  augmentationFor,
  hasConstantWindow,
  parseImageHeader,
  UnreadableSampleError,
  type AugmentationKind,
  type CropPlan,
  retouch,
  retouchFor,
  type DatasetReader,
  type RetouchOptions,
  type SampleEncoding,
} from '#dataset';
import { freeMemory } from '#parameter-server';
import type { ImageDecoder } from './image-decoder.js';
import { placeWindow } from './place-window.js';
import { planarWindow } from './planar-window.js';
import type { WindowCache } from './window-cache.js';

export interface SampleDecoderOptions {
  readonly reader: DatasetReader;
  readonly decoder: ImageDecoder;
  readonly augmentation: AugmentationKind;
  readonly retouch: RetouchOptions;
  readonly seed: number;
  /** Keeps resized windows where every epoch takes the same one. */
  readonly cache: WindowCache;
}

/** A sample whose size is known, ready to be cut. */
interface OpenedImage {
  readonly width: number;
  readonly height: number;
  decodeWindow(window: CropPlan['crop'], imageSize: number): Promise<Uint8Array> | Uint8Array;
}

/** Pixels that are not compressed need no decoder. */
function openImage(bytes: Uint8Array, encoding: SampleEncoding, decoder: ImageDecoder): OpenedImage {
  if (encoding.kind === 'planar-rgb') {
    const { width, height } = encoding;
    return { width, height, decodeWindow: (window, size) => planarWindow({ bytes, width, height }, window, size) };
  }
  const parsed = parseImageHeader(bytes);
  if (parsed.kind !== 'header') {
    throw new Error(parsed.kind === 'fault' ? parsed.reason : 'cut short: it ends inside its header');
  }
  const { header } = parsed;
  const { width, height } = header;
  return { width, height, decodeWindow: (window, size) => decoder.decodeWindow({ bytes, header }, window, size) };
}

/** How a sample is wanted. */
export interface SampleView {
  readonly epoch: number;
  /** Side in pixels. */
  readonly imageSize: number;
}

/** Turns sample numbers of one split into pixels: read, plan, decode, place. */
export class SampleDecoder {
  constructor(private readonly options: SampleDecoderOptions) {}

  label(sample: number): number {
    return this.options.reader.label(sample);
  }

  /**
   * Writes a sample's pixels (imageSize x imageSize x 3 bytes) as an epoch sees them. Rejects with
   * UnreadableSampleError, naming the file, when it cannot be read or decoded.
   */
  async decodeInto(target: Uint8Array, sample: number, view: SampleView): Promise<void> {
    await this.placeInto(target, sample, view);
    const { seed } = this.options;
    const { epoch, imageSize } = view;
    retouch(target, retouchFor(this.options.retouch, { seed, epoch, sample, imageSize }), imageSize);
  }

  private async placeInto(target: Uint8Array, sample: number, { epoch, imageSize }: SampleView): Promise<void> {
    const { augmentation, seed, cache } = this.options;
    const request = { seed, epoch, sample, imageSize };
    const held = cache.get(sample, imageSize);
    if (held) {
      // A constant window does not depend on the epoch; shift and flip do not depend on the size of the source.
      placeWindow(held, augmentationFor(augmentation, { ...request, width: 1, height: 1 }), imageSize, target);
      return;
    }
    const { reader, decoder } = this.options;
    const bytes = await reader.read(sample);
    try {
      const image = openImage(bytes, reader.encoding, decoder);
      const plan = augmentationFor(augmentation, { ...request, width: image.width, height: image.height });
      const window = await image.decodeWindow(plan.crop, imageSize);
      placeWindow(window, plan, imageSize, target);
      if (hasConstantWindow(augmentation)) cache.set(sample, window);
      else freeMemory(window);
      freeMemory(new Uint8Array(bytes.buffer));
    } catch (error) {
      if (error instanceof UnreadableSampleError) throw error;
      // libvips repeats itself line by line; the whole text stays in the cause.
      const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n', 1);
      throw new UnreadableSampleError(reader.describe(sample), reason, { cause: error });
    }
  }
}
