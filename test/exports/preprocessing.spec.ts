import { describe, expect, it, jest } from '@jest/globals';
import { centerTestCrop, cutOf, cutOfTestCrop, makeDecoder, openFile } from '#data-loading';
import { PIXEL_NORMALIZATION } from '#resnet';
import { encodeSavedModel, GraphBuilder, tensorSpec } from '#tensorflow-graph';
import { Session } from '#tensorflow-runtime';
import { oddImages } from '../../libs/data-loading/src/decoders/testing/odd-images.js';
import { preprocessPixels } from '../../libs/export/src/preprocessing/preprocess-pixels.js';

jest.setTimeout(60_000);

/** The graph of an export up to the network, of images of any size. */
function preprocessing(imageSize: number): Session {
  const graph = new GraphBuilder();
  const shape = [-1, -1, -1, 3];
  const pixels = graph.placeholder('images', 'uint8', shape);
  const seen = preprocessPixels(graph, pixels, imageSize);
  return Session.fromBytes(
    encodeSavedModel(graph, {
      see: { inputs: { images: tensorSpec(pixels, shape) }, outputs: { seen: tensorSpec(seen, shape) } },
    }),
  );
}

describe('what a network sees inside an export', () => {
  it.each([32, 72])(
    'is within a level of what it sees in validation, of every odd file, at a side of %i',
    async (side) => {
      const decoder = await makeDecoder('tensorflow');
      const session = preprocessing(side);
      const distances: Record<string, number> = {};
      try {
        for (const { name, bytes, isReadable } of await oddImages()) {
          if (!isReadable) continue;
          const image = openFile(bytes, { decoder, orientation: 'as-stored' });
          const { width, height } = image;
          const { pixels: data } = await image.region({ x: 0, y: 0, width, height });
          const { pixels: wanted } = await cutOf(image, cutOfTestCrop(image, centerTestCrop(side)));
          const { seen } = session.run('see', { images: { data, shape: [1, height, width, 3] } });
          if (!(seen?.data instanceof Float32Array)) throw new Error('no floats came');
          const levels = Array.from(seen.data, (value, at) => {
            const [deviation = 1, mean = 0] = [PIXEL_NORMALIZATION.deviation[at % 3], PIXEL_NORMALIZATION.mean[at % 3]];
            return Math.abs((value * deviation + mean) * 255 - (wanted[at] ?? 0));
          });
          expect(levels).toHaveLength(side * side * 3);
          distances[name] = Math.max(...levels);
        }
      } finally {
        session.close();
      }
      expect(Object.entries(distances).filter(([, distance]) => distance > 1.01)).toEqual([]);
    },
  );
});
