import { augmentationFor, hasConstantCut, type AugmentationKind } from '../transforms/crop/augmentation.js';
import { decodeSample } from '../decode-sample.js';
import { cutInto, cutOf } from '../open-image.js';
import { placeWindow } from '../transforms/crop/place-window.js';
import {
  transformPixels,
  pixelTransformFor,
  type PixelTransformOptions,
} from '../transforms/pixel/pixel-transforms.js';
import { type ImageDecoder } from '../decoders/image-decoder.js';
import type { Orientation } from '#contracts';
import type { DatasetReader, ReadMemory } from '#dataset';
import type { IndexedFile } from '#stores';
import { freeMemory } from '#vectors';
import type { WindowCache } from './window-cache.js';

export interface SampleDecoderOptions {
  readonly reader: DatasetReader;
  readonly decoder: ImageDecoder;
  readonly orientation: Orientation;
  readonly augmentation: AugmentationKind;
  readonly pixelTransforms: PixelTransformOptions;
  readonly seed: number;
  /** Keeps resized windows where every epoch takes the same one. */
  readonly cache: WindowCache;
}

/** How a sample is wanted. */
export interface SampleRequest {
  readonly epoch: number;
  /** Side in pixels. */
  readonly imageSize: number;
  /** Where the file is read to. Default: memory of its own. */
  readonly memory?: ReadMemory;
}

/** Turns sample numbers of one split into pixels: read, plan, decode, place. */
export class SampleDecoder {
  readonly #options: SampleDecoderOptions;

  constructor(options: SampleDecoderOptions) {
    this.#options = options;
  }

  /** The files that samples' draws lie in, each once, in their order. */
  filesOf(draws: Uint32Array): readonly IndexedFile[] {
    return this.#options.reader.filesOf(draws.map((draw) => this.#sampleOf(draw)));
  }

  /** Of a sample's draw (`OrderOf`). */
  label(draw: number): number {
    return this.#options.reader.label(this.#sampleOf(draw));
  }

  /**
   * Writes the pixels (imageSize x imageSize x 3 bytes) of a sample's draw (`OrderOf`) as an epoch sees them. Rejects with
   * UnreadableSampleError, naming the file, when it cannot be read or decoded.
   */
  async decodeInto(target: Uint8Array, draw: number, request: SampleRequest): Promise<void> {
    await this.#placeInto(target, draw, request);
    const { seed } = this.#options;
    const { epoch, imageSize } = request;
    transformPixels(
      target,
      pixelTransformFor(this.#options.pixelTransforms, { seed, epoch, sample: draw, imageSize }),
      imageSize,
    );
  }

  async #placeInto(target: Uint8Array, draw: number, { epoch, imageSize, memory }: SampleRequest): Promise<void> {
    const { augmentation, seed, cache } = this.#options;
    // Every look at a sample in an epoch is another one.
    const request = { seed, epoch, sample: draw, imageSize };
    const sample = this.#sampleOf(draw);
    const held = cache.get(sample, imageSize);
    if (held) {
      // A constant cut does not depend on the epoch; shift and flip do not depend on the size of the source.
      placeWindow(held, augmentationFor(augmentation, { ...request, width: 1, height: 1 }), imageSize, target);
      return;
    }
    await decodeSample(this.#options, sample, {
      memory,
      async use(image) {
        const plan = augmentationFor(augmentation, { ...request, width: image.width, height: image.height });
        if (!hasConstantCut(augmentation)) return await cutInto(target, image, plan.cut);
        const { pixels } = await cutOf(image, plan.cut);
        placeWindow(pixels, plan, imageSize, target);
        if (!cache.set(sample, pixels)) freeMemory(pixels);
      },
    });
  }

  #sampleOf(draw: number): number {
    return draw % this.#options.reader.length;
  }
}
