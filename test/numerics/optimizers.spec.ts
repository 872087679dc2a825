import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { OPTIMIZERS, optimizerSchema, type OptimizerSettings } from '#contracts';
import { byName, DEFAULT_STEP_CONFIG, firstStateOf, type ReplicaState } from '#engine';
import { engineToTorch, torchToEngine } from '../../libs/resnet/src/weights/kernel-transpose.js';
import { stateDictItems } from '../../libs/resnet/src/weights/state-dict.js';
import { ENGINES } from './engines.js';
import { GoldenFile, relativeError } from './golden-file.js';
import { hashedGradients, hashedState, networkWithLayout } from './hash-formula.js';

const TOLERANCE = 1e-6;
/** golden.py's: how large the gradients of each step are, and its rate as a share of the optimiser's. */
const SCALES = [0.05, 0.01, 0.1, 0.02];
const RATES = [0.5, 1, 1, 0.25];

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'));
const cases = Object.entries(read('optimizers.json') as Record<string, unknown>).map(
  ([name, settings]): readonly [string, OptimizerSettings] => [name, optimizerSchema.parse(settings)],
);
const variant = (read('variants.json') as Record<string, object>)['a gate per element'];
const { network, layout } = networkWithLayout({ architecture: 'custom', numClasses: 7, ...variant });
const golden = new GoldenFile('optimizers.safetensors');
const items = stateDictItems(network, layout).flatMap((item) => (item.kind === 'parameter' ? [item] : []));

it('has golden values of every optimiser of the table', () => {
  expect(new Set(cases.map(([, { kind }]) => kind))).toEqual(new Set(Object.keys(OPTIMIZERS)));
});

describe.each(ENGINES)('by the %s against PyTorch in double precision, four steps of', (_, make) => {
  describe.each(cases)('%s', (name, optimizer) => {
    let state: ReplicaState;
    const norms: number[] = [];
    beforeAll(() => {
      const config = { ...DEFAULT_STEP_CONFIG, optimizer };
      const engine = make(network, layout, config);
      engine.writeState(firstStateOf(hashedState(network, layout), layout, config));
      for (const [index, scale] of SCALES.entries()) {
        const reduced = new Float32Array(layout.vectorLength);
        for (const [place, { entry }] of items.entries()) {
          const gradients = hashedGradients(entry.length, { step: index, place, scale });
          torchToEngine(entry, gradients, reduced.subarray(entry.offset, entry.offset + entry.length));
        }
        const learningRate = optimizer.learningRate * (RATES[index] ?? 0);
        norms.push(engine.apply(reduced, { learningRate, step: index + 1 }));
      }
      state = engine.readState();
      engine.close();
    });

    it('tells the norms of the gradients', () => {
      expect(relativeError(Float32Array.from(norms), golden.floats(`${name}/norms`))).toBeLessThan(TOLERANCE);
    });

    it.each(['weights', ...OPTIMIZERS[optimizer.kind].slots])('arrives at its %s', (what) => {
      const vector = what === 'weights' ? state.parameters : byName(state)[`slots/${what}`];
      // PyTorch's SGD without momentum keeps nothing.
      const kept = items.filter((item) => golden.names().includes(`${name}/${what}/${item.name}`));
      expect(kept).toHaveLength(
        'momentum' in optimizer && optimizer.momentum === 0 && what !== 'weights' ? 0 : items.length,
      );
      const wrong = kept.flatMap(({ name: tensor, entry }) => {
        const torch = new Float32Array(entry.length);
        engineToTorch(entry, vector?.subarray(entry.offset, entry.offset + entry.length) ?? torch, torch);
        const error = relativeError(torch, golden.floats(`${name}/${what}/${tensor}`));
        return error <= TOLERANCE ? [] : [`${tensor}: ${error.toExponential(2)}`];
      });
      expect(wrong).toEqual([]);
    });
  });
});
