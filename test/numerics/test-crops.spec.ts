import { describe, expect, it } from '@jest/globals';
import { protocolSchema, type EvaluationProtocol } from '#contracts';
import { cutOfTestCrop, cutsOf, testCropsOf, type PixelImage } from '#data-loading';
import { weightsFromSafetensors } from '#resnet';
import { GraphInferenceEngine } from '../../libs/engine/src/graph/graph-inference-engine.js';
import type { InferenceEngine } from '../../libs/engine/src/inference-engine.js';
import { PortableInferenceEngine } from '../../libs/engine/src/portable/portable-inference-engine.js';
import { TestCropScores } from '../../libs/evaluation/src/protocols/scores.js';
import { windowOf, type Window } from '../../libs/data-loading/src/pixel-image.js';
import { GoldenFile, readGolden, relativeError } from './golden-file.js';
import { hashedBytes, networkWithLayout } from './hash-formula.js';

const golden = new GoldenFile('views.safetensors');
const image: PixelImage = { width: 50, height: 37, pixels: hashedBytes(50 * 37 * 3, 77) };
const { network, layout } = networkWithLayout({ architecture: 'resnet20', numClasses: 10 });
const weights = weightsFromSafetensors(network, layout, readGolden('resnet20.weights.safetensors'));

/** The image as if it had been opened; what is not asked for is not there. */
const opened = {
  ...image,
  region: (window: Window) => ({ ...window, pixels: windowOf(image, window).pixels.slice() }),
};
const viewsBy = (protocol: EvaluationProtocol): Promise<readonly PixelImage[]> =>
  cutsOf(
    opened,
    testCropsOf(protocol, 32).map((view) => cutOfTestCrop(image, view)),
  );

describe('views of an image against torchvision', () => {
  it.each([24, 32, 37, 60])('are resized to a shorter side of %i to the same bytes', async (side) => {
    const [resized] = await viewsBy(protocolSchema.parse({ kind: 'multi-scale', shorterSides: [side] }));
    expect(Buffer.from(resized?.pixels ?? []).equals(golden.bytes(`resized.${side}`))).toBe(true);
  });

  it('are its ten crops, byte for byte', async () => {
    const views = await viewsBy(protocolSchema.parse({ kind: 'ten-crop', resize: 35 }));
    expect(Buffer.concat(views.map(({ pixels }) => pixels)).equals(golden.bytes('tenCrops'))).toBe(true);
  });

  it('are its centre crop, byte for byte, and no more is decoded than it is made of', async () => {
    const [view] = await viewsBy(protocolSchema.parse({ kind: 'center', resize: 35 }));
    expect(Buffer.from(view?.pixels ?? []).equals(golden.bytes('center'))).toBe(true);
  });
});

describe.each([
  ['graph', (): InferenceEngine => new GraphInferenceEngine(network, layout)],
  ['portable', (): InferenceEngine => new PortableInferenceEngine(network, layout)],
] as const)('ResNet-20 by the %s inference engine against PyTorch in double precision', (_, make) => {
  const engine = make();
  engine.writeWeights(weights);

  it('has its logits of the ten crops', () => {
    const pixels = golden.bytes('tenCrops');
    const logits = engine.logits({ numImages: 10, height: 32, width: 32, pixels });
    expect(relativeError(logits, golden.floats('tenCropLogits'))).toBeLessThan(1e-5);
  });

  it('has its logits and mean scores of the whole image at three sizes', async () => {
    const protocol = protocolSchema.parse({ kind: 'multi-scale', shorterSides: [24, 32, 60] });
    const scores = new TestCropScores(1, 10, 'softmax');
    const logits = (await viewsBy(protocol)).flatMap((view) => {
      const ofView = engine.logits({ ...view, numImages: 1 });
      scores.add(ofView, Int32Array.of(0));
      return [...ofView];
    });
    expect(relativeError(Float32Array.from(logits), golden.floats('scaleLogits'))).toBeLessThan(1e-5);
    const mean = Float32Array.from(scores.row(0) ?? []);
    expect(relativeError(mean, golden.floats('scaleScores'))).toBeLessThan(1e-5);
  });
});
