import { describe, expect, it, jest } from '@jest/globals';
import { protocolSchema } from '#contracts';
import { makeDecoder, openFile } from '#data-loading';
import { inspectBytes, UnreadableSampleError, type DatasetReader } from '#dataset';
import { buildNetwork, layoutOf } from '#resnet';
import { oddImages, type OddImage } from '../../libs/data-loading/src/decoders/testing/odd-images.js';
import { SampleDecoder } from '../../libs/data-loading/src/loader/sample-decoder.js';
import { WindowCache } from '../../libs/data-loading/src/loader/window-cache.js';
import { randomState } from '../../libs/engine/src/testing/fixtures.js';
import type { InferenceEngine, PixelBatch } from '../../libs/engine/src/inference-engine.js';
import { TestCropMaker } from '../../libs/evaluation/src/protocols/test-crop-maker.js';
import { predictImage } from '../../libs/evaluation/src/prediction/predict-image.js';

jest.setTimeout(60_000);

const IMAGE_SIZE = 72;
const network = buildNetwork({ architecture: 'resnet8', numClasses: 2, imageSize: IMAGE_SIZE });
const layout = layoutOf(network);
const weights = randomState(layout, 1);

/** A data set of one file. */
function readerOf({ name, bytes }: OddImage): DatasetReader {
  return {
    length: 1,
    classes: ['a', 'b'],
    encoding: { kind: 'file' },
    label: () => 0,
    // As the index has it.
    orientation: () => {
      const inspection = inspectBytes(bytes);
      return inspection.kind === 'fault' ? 0 : inspection.header.orientation;
    },
    describe: () => name,
    read: () => Promise.resolve(bytes.slice()),
    readAnew: () => Promise.resolve(null),
    filesOf: () => [],
    close: () => Promise.resolve(),
  };
}

/** Keeps what it is shown. */
function watchingEngine(seen: PixelBatch[]): InferenceEngine {
  const logits = new Float32Array(2);
  return {
    kind: 'graph',
    layout,
    logits: () => logits,
    explain: (images) => {
      seen.push(images);
      return { logits, features: new Float32Array(64), shape: [1, 1, 1, 64] };
    },
    writeWeights: () => undefined,
    close: () => undefined,
  };
}

type Path = (image: OddImage, orientation: 'upright' | 'as-stored') => Promise<Uint8Array | null>;

async function pathsOf(kind: 'tensorflow' | 'portable'): Promise<Readonly<Record<string, Path>>> {
  const decoder = await makeDecoder(kind);
  return {
    [`training, ${kind}`]: async (image, orientation) => {
      // What the scan refuses is in no index.
      if (inspectBytes(image.bytes).kind === 'fault') return null;
      const sample = new SampleDecoder({
        reader: readerOf(image),
        decoder,
        orientation,
        augmentation: 'none',
        pixelTransforms: {},
        seed: 1,
        cache: new WindowCache(0),
      });
      const pixels = new Uint8Array(IMAGE_SIZE * IMAGE_SIZE * 3);
      try {
        await sample.decodeInto(pixels, 0, { epoch: 0, imageSize: IMAGE_SIZE });
        return pixels;
      } catch (error) {
        if (!(error instanceof UnreadableSampleError)) throw error;
        return null;
      }
    },
    [`evaluation, ${kind}`]: async (image, orientation) => {
      if (inspectBytes(image.bytes).kind === 'fault') return null;
      const protocol = protocolSchema.parse({ kind: 'center' });
      const views = new TestCropMaker({ reader: readerOf(image), decoder, orientation, protocol });
      const { batches } = await views.make(Uint32Array.of(0), [IMAGE_SIZE]);
      return batches[0]?.pixels ?? null;
    },
    [`prediction, ${kind}`]: async ({ bytes }, orientation) => {
      const seen: PixelBatch[] = [];
      const loaded = { network, engine: watchingEngine(seen), weights, decoder };
      await predictImage(loaded, { image: bytes, top: 1, overlay: null, orientation });
      return seen[0]?.pixels ?? null;
    },
  };
}

describe('an odd file', () => {
  it.each(['upright', 'as-stored'] as const)(
    'shows the same pixels on every path, or none on any: %s',
    async (orientation) => {
      const paths = { ...(await pathsOf('tensorflow')), ...(await pathsOf('portable')) };
      const wrong: string[] = [];
      for (const image of await oddImages()) {
        const [[, first] = ['', null], ...others] = await Promise.all(
          Object.entries(paths).map(async ([name, path]) => [name, await path(image, orientation)] as const),
        );
        if ((first !== null) !== image.isReadable) wrong.push(`${image.name} in training`);
        for (const [name, pixels] of others) {
          const isSame = first === null || pixels === null ? first === pixels : Buffer.compare(first, pixels) === 0;
          if (!isSame) wrong.push(`${image.name} in ${name}`);
        }
      }
      expect(wrong).toEqual([]);
    },
  );

  it('is turned by every path where it says so, and only where the data set is upright', async () => {
    const decoder = await makeDecoder('portable');
    for (const { name, bytes, isReadable } of await oddImages()) {
      const said = Number(/orientation-([2-8])\./.exec(name)?.[1] ?? 1);
      if (!isReadable || !/^(plain|orientation-)/.test(name)) continue;
      const [upright, stored] = (['upright', 'as-stored'] as const).map((orientation) =>
        openFile(bytes, { decoder, orientation }),
      );
      expect([name, (upright?.width ?? 0) < (upright?.height ?? 0)]).toEqual([name, said >= 5]);
      expect([name, (stored?.width ?? 0) > (stored?.height ?? 0)]).toEqual([name, true]);
    }
  });
});
