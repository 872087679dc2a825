import { describe, expect, it } from '@jest/globals';
import { importWeights, type Network, type VectorLayout } from '#resnet';
import { encodeSafetensors } from '../../libs/resnet/src/weights/safetensors-codec.js';
import { stateDictItems } from '../../libs/resnet/src/weights/state-dict.js';
import { GraphInferenceEngine } from '../../libs/engine/src/graph/graph-inference-engine.js';
import { PortableInferenceEngine } from '../../libs/engine/src/portable/portable-inference-engine.js';
import { GoldenFile, relativeError } from './golden-file.js';
import { hashedBytes, hashedTensor, networkWithLayout } from './hash-formula.js';

/** PyTorch's own float32 is 1.1e-6 off its float64. */
const TOLERANCE = 1e-4;
const NUM_IMAGES = 2;
const SIDE = 64;
/** Of golden.py's batch with seed 700. */
const PIXEL_SALT = 1700;
const golden = new GoldenFile('imported.safetensors');
const pixels = {
  numImages: NUM_IMAGES,
  height: SIDE,
  width: SIDE,
  pixels: hashedBytes(2 * SIDE * SIDE * 3, PIXEL_SALT),
};

/** The file that DataParallel and torchvision would leave of golden.py's state, without counters. */
function foreignFile(network: Network, layout: VectorLayout): Uint8Array {
  const items = [...stateDictItems(network, layout).entries()].filter(([, { kind }]) => kind !== 'counter');
  const places = new Map(items.map(([place, item]) => [`module.${item.name}`, { salt: place + 1, item }]));
  const described = [...places].map(([name, { item }]) => ({ name, dtype: 'F32' as const, shape: item.torchShape }));
  return encodeSafetensors(described, {}, (name, data) => {
    const { salt, item } = places.get(name) ?? { salt: 0, item: { name: '', torchShape: [] } };
    data.set(new Uint8Array(hashedTensor(item.name, item.torchShape, salt).buffer));
  });
}

describe.each([
  ['resnet18', ['graph', 'portable']],
  ['resnet50', ['graph']],
  ['resnet152', ['graph']],
] as const)('%s with imported weights', (architecture, engines) => {
  it.each(engines)(
    'has the logits of torchvision, by the %s engine',
    (kind) => {
      const { network, layout } = networkWithLayout({ architecture, numClasses: 1000 });
      const weights = importWeights(network, layout, foreignFile(network, layout));
      const engine =
        kind === 'graph' ? new GraphInferenceEngine(network, layout) : new PortableInferenceEngine(network, layout);
      try {
        engine.writeWeights(weights);
        expect(relativeError(engine.logits(pixels), golden.floats(architecture))).toBeLessThan(TOLERANCE);
      } finally {
        engine.close();
      }
    },
    120_000,
  );
});
