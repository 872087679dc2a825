import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { modelSchema } from '#contracts';
import type { ParameterEntry } from '#resnet';
import { engineToTorch } from '../../libs/resnet/src/weights/kernel-transpose.js';
import type { Engine } from '../../libs/engine/src/engine.js';
import { ENGINES } from './engines.js';
import { GoldenFile, relativeError } from './golden-file.js';
import { hashedBatch, hashedState, networkWithLayout } from './hash-formula.js';
import { laneGradients } from '#engine/testing';

/** PyTorch's own float32 is 1.5e-5 off its float64 in the worst of them. */
const TOLERANCE = 1e-4;
/** The seed that golden.py took for every one. */
const SEED = 800;
const golden = new GoldenFile('variants.safetensors');
const models: Record<string, object> = JSON.parse(readFileSync(new URL('variants.json', import.meta.url), 'utf8'));
const IMAGE_SIZE = 16;

const single = (value: number | undefined): Float32Array => Float32Array.of(value ?? Number.NaN);
const norm = (values: Float32Array): number => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

describe.each(Object.entries(models))('%s', (name, choices) => {
  const model = modelSchema.parse({ architecture: 'custom', numClasses: 7, imageSize: IMAGE_SIZE, ...choices });
  const { network, layout } = networkWithLayout(model);
  const batch = hashedBatch(network, 3, SEED);

  describe.each(ENGINES)('by the %s against PyTorch in double precision', (_, make) => {
    let engine: Engine;
    let vector: Float32Array;
    beforeAll(() => {
      engine = make(network, layout);
      engine.writeState(hashedState(network, layout));
      vector = laneGradients(engine, batch, 3);
    });
    afterAll(() => engine.close());

    const torchGradient = (entry: ParameterEntry): Float32Array => {
      const torch = new Float32Array(entry.length);
      engineToTorch(entry, vector.subarray(entry.offset, entry.offset + entry.length), torch);
      return torch;
    };

    it('predicts its logits and has its loss', () => {
      expect(relativeError(engine.predict(batch), golden.floats(`${name}.evalLogits`))).toBeLessThan(TOLERANCE);
      expect(relativeError(single(vector[layout.scalars.loss]), golden.floats(`${name}.loss`))).toBeLessThan(TOLERANCE);
    });

    it('has its gradient: norms, small tensors whole, of large ones every n-th value', () => {
      const wrong = layout.parameters.flatMap((entry) => {
        const sampled = golden.names().find((key) => isSampleOf(key, name, entry)) ?? '';
        const stride = Number(sampled.slice(`${name}.every.`.length).split('.')[0]);
        const gradient = torchGradient(entry);
        const errors = [
          relativeError(single(norm(gradient)), golden.floats(`${name}.norm.${entry.name}`)),
          relativeError(
            gradient.filter((__, index) => index % stride === 0),
            golden.floats(sampled),
          ),
        ];
        return errors.every((error) => error <= TOLERANCE) ? [] : [`${entry.name}: ${errors.join(', ')}`];
      });
      expect(wrong).toEqual([]);
    });
  });
});

const isSampleOf = (key: string, name: string, entry: ParameterEntry): boolean =>
  key.startsWith(`${name}.every.`) && key.slice(`${name}.every.`.length).replace(/^\d+\./, '') === entry.name;
