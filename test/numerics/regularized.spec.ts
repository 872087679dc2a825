import { beforeAll, describe, expect, it } from '@jest/globals';
import { optimizerSchema } from '#contracts';
import type { StepConfig } from '#engine';
import { engineToTorch } from '../../libs/resnet/src/weights/kernel-transpose.js';
import type { Mixup } from '#data-loading';
import { ENGINES } from './engines.js';
import { GoldenFile, relativeError } from './golden-file.js';
import { hashedBatch, hashedState, networkWithLayout } from './hash-formula.js';
import { laneGradients } from '#engine/testing';

/** PyTorch's own float32 is 2.2e-6 off its float64 here. */
const TOLERANCE = 1e-4;
/** The seeds of the batches that golden.py took. */
const SEEDS = [2000, 2311];
const NUM_SAMPLES = [3, 2];
const CONFIG: StepConfig = {
  optimizer: optimizerSchema.parse({
    momentum: 0.9,
    nesterov: true,
    weightDecay: 0.005,
    decayed: ['kernels', 'gamma', 'beta', 'bias'],
  }),
  precision: 'fp32',
  labelSmoothing: 0.1,
  mixes: true,
  averages: false,
  anySize: false,
};
const { network, layout } = networkWithLayout({ architecture: 'resnet20', numClasses: 10 });
const golden = new GoldenFile('resnet20.regularized.safetensors');

const isInBox = (row: number, column: number): boolean => row >= 3 && row < 14 && column >= 9 && column < 30;
const box = Float32Array.from({ length: 32 * 32 }, (_, at) => (isInBox(Math.floor(at / 32), at % 32) ? 0 : 1));
const MIXINGS: readonly Mixup[] = [
  { mask: Float32Array.of(0.3), side: 1, share: 0.3 },
  { mask: box, side: 32, share: 1 - (11 * 21) / (32 * 32) },
];

describe.each(ENGINES)('ResNet-20 by the %s against PyTorch: Nesterov, decay, smoothed and mixed labels', (_, make) => {
  let state: ReturnType<typeof hashedState>;
  const losses: number[] = [];
  beforeAll(() => {
    const engine = make(network, layout, CONFIG);
    engine.writeState(hashedState(network, layout));
    for (const [index, seed] of SEEDS.entries()) {
      const numSamples = NUM_SAMPLES[index] ?? 0;
      const batch = { ...hashedBatch(network, numSamples, seed), mixup: MIXINGS[index] ?? null };
      const vector = laneGradients(engine, batch, numSamples);
      losses.push(vector[layout.scalars.loss] ?? Number.NaN);
      engine.apply(vector, { learningRate: 0.02, step: index + 1 });
    }
    state = engine.readState();
    engine.close();
  });

  it('has its losses', () => {
    expect(relativeError(Float32Array.from(losses), golden.floats('losses'))).toBeLessThan(TOLERANCE);
  });

  it.each(['weights', 'momentum'] as const)('arrives at its %s', (what) => {
    const vector = what === 'weights' ? state.parameters : (state.slots['momentum'] ?? new Float32Array());
    const wrong = layout.parameters.flatMap((entry) => {
      const torch = new Float32Array(entry.length);
      engineToTorch(entry, vector.subarray(entry.offset, entry.offset + entry.length), torch);
      const isIt = new RegExp(`^${what}\\.\\d+\\.${entry.name.replaceAll('.', '\\.')}$`);
      const name = golden.names().find((key) => isIt.test(key)) ?? '';
      const stride = Number(name.split('.')[1]);
      const error = relativeError(
        torch.filter((__, index) => index % stride === 0),
        golden.floats(name),
      );
      return error <= TOLERANCE ? [] : [`${entry.name}: ${error.toExponential(2)}`];
    });
    expect(wrong).toEqual([]);
  });
});
