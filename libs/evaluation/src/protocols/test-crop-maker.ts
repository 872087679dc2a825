import type { EvaluationProtocol, Orientation } from '#contracts';
import { cutOfTestCrop, cutsOf, decodeSample, testCropsOf, type ImageDecoder } from '#data-loading';
import { UnreadableSampleError, type DatasetReader } from '#dataset';
import { TestCropBatches } from './test-crop-batches.js';
import type { TestCropsOfSamples } from './test-crop-messages.js';

export interface TestCropMakerOptions {
  readonly reader: DatasetReader;
  readonly decoder: ImageDecoder;
  readonly orientation: Orientation;
  readonly protocol: EvaluationProtocol;
}

/** Turns samples into the test crops of a protocol, in batches of equal shapes. What it gives is a function of its input. */
export class TestCropMaker {
  readonly #options: TestCropMakerOptions;

  constructor(options: TestCropMakerOptions) {
    this.#options = options;
  }

  async make(samples: Uint32Array, imageSizes: readonly number[]): Promise<TestCropsOfSamples> {
    const { reader } = this.#options;
    const labels = Int32Array.from(samples, (sample) => reader.label(sample));
    const batches = new TestCropBatches();
    const failures: TestCropsOfSamples['failures'][number][] = [];
    for (const [row, sample] of samples.entries()) {
      try {
        await this.#addCrops(batches, { row, sample, imageSizes });
      } catch (error) {
        if (!(error instanceof UnreadableSampleError)) throw error;
        failures.push({ row, path: error.path, reason: error.reason });
      }
    }
    return { labels, batches: batches.take(), failures };
  }

  /** All crops of a sample, or none. */
  async #addCrops(
    batches: TestCropBatches,
    { row, sample, imageSizes }: { row: number; sample: number; imageSizes: readonly number[] },
  ): Promise<void> {
    const { protocol } = this.#options;
    const wanted = imageSizes.flatMap((imageSize) =>
      testCropsOf(protocol, imageSize).map((crop) => ({ imageSize, crop })),
    );
    const crops = await decodeSample(this.#options, sample, {
      use: (image) =>
        cutsOf(
          image,
          wanted.map(({ crop }) => cutOfTestCrop(image, crop)),
        ),
    });
    for (const [at, pixels] of crops.entries()) batches.add(wanted[at]?.imageSize ?? 0, row, pixels);
  }
}
