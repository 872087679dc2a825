import type { EvaluationProtocol, Orientation } from '#contracts';
import { cutOfView, cutsOf, openImage, reasonOf, viewsOf, type ImageDecoder } from '#data-loading';
import { UnreadableSampleError, type DatasetReader } from '#dataset';
import { ViewBatches } from './view-batches.js';
import type { ViewsOfSamples } from './view-messages.js';

export interface ViewMakerOptions {
  readonly reader: DatasetReader;
  readonly decoder: ImageDecoder;
  readonly orientation: Orientation;
  readonly protocol: EvaluationProtocol;
}

/** Turns samples into the views of a protocol, in batches of equal shapes. What it gives is a function of its input. */
export class ViewMaker {
  constructor(private readonly options: ViewMakerOptions) {}

  async make(samples: Uint32Array, imageSizes: readonly number[]): Promise<ViewsOfSamples> {
    const { reader } = this.options;
    const labels = Int32Array.from(samples, (sample) => reader.label(sample));
    const batches = new ViewBatches();
    const failures: ViewsOfSamples['failures'][number][] = [];
    for (const [row, sample] of samples.entries()) {
      try {
        await this.addViews(batches, { row, sample, imageSizes });
      } catch (error) {
        if (!(error instanceof UnreadableSampleError)) throw error;
        failures.push({ row, path: error.path, reason: error.reason });
      }
    }
    return { labels, batches: batches.take(), failures };
  }

  /** All views of a sample, or none. */
  private async addViews(
    batches: ViewBatches,
    { row, sample, imageSizes }: { row: number; sample: number; imageSizes: readonly number[] },
  ): Promise<void> {
    const { reader, decoder, orientation, protocol } = this.options;
    const bytes = await reader.read(sample);
    const wanted = imageSizes.flatMap((imageSize) => viewsOf(protocol, imageSize).map((view) => ({ imageSize, view })));
    try {
      const image = openImage(bytes, { encoding: reader.encoding, decoder, orientation });
      const cuts = wanted.map(({ view }) => cutOfView(image, view));
      for (const [at, pixels] of (await cutsOf(image, cuts)).entries()) {
        batches.add(wanted[at]?.imageSize ?? 0, row, pixels);
      }
    } catch (error) {
      throw new UnreadableSampleError(reader.describe(sample), reasonOf(error), { cause: error });
    }
  }
}
