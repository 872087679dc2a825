import type { EvaluationProtocol } from '#contracts';
import { parseImageHeader, UnreadableSampleError, type DatasetReader } from '#dataset';
import type { ImageDecoder } from '../decode/image-decoder.js';
import { cutView, type PixelImage } from './pixel-image.js';
import { resizeAntialiased } from './resize-antialiased.js';
import { ViewBatches } from './view-batches.js';
import type { ViewsOfSamples } from './view-messages.js';
import { resizedSize, viewsOf, type View } from './views.js';

export interface ViewMakerOptions {
  readonly reader: DatasetReader;
  readonly decoder: ImageDecoder;
  readonly protocol: EvaluationProtocol;
}

/** Turns samples into the views of a protocol, in batches of equal shapes. What it gives is a function of its input. */
export class ViewMaker {
  constructor(private readonly options: ViewMakerOptions) {}

  async make(samples: Uint32Array, imageSizes: readonly number[]): Promise<ViewsOfSamples> {
    const { reader, protocol } = this.options;
    const labels = Int32Array.from(samples, (sample) => reader.label(sample));
    const batches = new ViewBatches();
    const failures: ViewsOfSamples['failures'][number][] = [];
    for (const [row, sample] of samples.entries()) {
      try {
        const image = await this.decode(sample);
        for (const imageSize of imageSizes) {
          for (const view of viewsOfImage(image, viewsOf(protocol, imageSize))) batches.add(imageSize, row, view);
        }
      } catch (error) {
        if (!(error instanceof UnreadableSampleError)) throw error;
        failures.push({ row, path: error.path, reason: error.reason });
      }
    }
    return { labels, batches: batches.take(), failures };
  }

  private async decode(sample: number): Promise<PixelImage> {
    const { reader, decoder } = this.options;
    const bytes = await reader.read(sample);
    try {
      if (reader.encoding.kind === 'planar-rgb') return interleaved(bytes, reader.encoding);
      const parsed = parseImageHeader(bytes);
      if (parsed.kind !== 'header') {
        throw new Error(parsed.kind === 'fault' ? parsed.reason : 'cut short: it ends inside its header');
      }
      const { width, height } = parsed.header;
      const pixels = await decoder.decodeWhole({ bytes, header: parsed.header });
      return { width, height, pixels };
    } catch (error) {
      const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n', 1);
      throw new UnreadableSampleError(reader.describe(sample), reason, { cause: error });
    }
  }
}

/** The views of a decoded image, in their order; each size is made once. */
export function viewsOfImage(image: PixelImage, views: readonly View[]): readonly PixelImage[] {
  const resized = new Map<number, PixelImage>();
  return views.map((view) => {
    const held = resized.get(view.shorterSide) ?? resizeAntialiased(image, resizedSize(image, view.shorterSide));
    resized.set(view.shorterSide, held);
    return cutView(held, view);
  });
}

/** CIFAR's bytes: all red, all green, all blue. */
function interleaved(bytes: Uint8Array, { width, height }: { width: number; height: number }): PixelImage {
  const plane = width * height;
  if (bytes.length !== 3 * plane) throw new Error(`${bytes.length} bytes are not 3 planes of ${width}x${height}`);
  const pixels = new Uint8Array(3 * plane);
  for (let at = 0; at < plane; at += 1) {
    for (let channel = 0; channel < 3; channel += 1) pixels[at * 3 + channel] = bytes[channel * plane + at] ?? 0;
  }
  return { width, height, pixels };
}
