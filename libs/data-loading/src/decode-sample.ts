import { UnreadableSampleError, type DatasetReader, type ReadMemory } from '#dataset';
import { openImage, reasonOf, type OpenedImage, type OpenImageOptions } from './open-image.js';

/** How samples of a split are decoded. */
export interface SampleSource extends Omit<OpenImageOptions, 'encoding' | 'expected'> {
  readonly reader: DatasetReader;
}

export interface SampleUse<T> {
  /** Where the file is read to. Default: memory of its own. */
  readonly memory?: ReadMemory | undefined;
  /** Makes something of the image; called again where a damaged copy was fetched anew. Throws or rejects with the reason. */
  readonly use: (image: OpenedImage) => Promise<T> | T;
}

/**
 * Reads a sample and decodes it. What cannot be decoded and was fetched from a store may be damaged on this host alone: the
 * reader checks its copy and reads anew. Rejects with UnreadableSampleError, naming the file, when it cannot be read or decoded.
 */
export async function decodeSample<T>(
  { reader, decoder, orientation }: SampleSource,
  sample: number,
  { memory, use }: SampleUse<T>,
): Promise<T> {
  const options = { encoding: reader.encoding, decoder, orientation, expected: reader.orientation(sample) };
  let bytes = await reader.read(sample, memory);
  for (let isAnew = false; ; isAnew = true) {
    try {
      return await use(openImage(bytes, options));
    } catch (error) {
      const anew = isAnew ? null : await reader.readAnew(sample, memory);
      if (anew === null) throw new UnreadableSampleError(reader.describe(sample), reasonOf(error), { cause: error });
      bytes = anew;
    }
  }
}
