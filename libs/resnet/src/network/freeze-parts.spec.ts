import { describe, expect, it } from '@jest/globals';
import { RefusedInputError } from '#contracts';
import { buildNetwork } from './build-network.js';
import { freezeParts, partsOf } from './freeze-parts.js';
import { initialState } from '../layout/initial-state.js';
import type { ParameterEntry, VectorLayout } from '../layout/layout.js';
import { needsGradient } from './needs-gradient.js';
import { layoutOf } from '../layout/vector-layout.js';

const network = buildNetwork({ architecture: 'resnet20', shortcut: 'B', numClasses: 10 });
const whole = layoutOf(network);
const frozen = freezeParts(network, ['stem', 'layer2']);
const layout = layoutOf(frozen);
const isOfFrozenPart = (name: string): boolean => /^(conv1|bn1|layer2)\./.test(name);

describe('freezeParts', () => {
  it('knows the parts in the order of the data', () => {
    expect(partsOf(network)).toEqual(['stem', 'layer1', 'layer2', 'layer3', 'fc']);
    expect(partsOf(buildNetwork({ architecture: 'resnet50', numClasses: 10 }))).toContain('layer4');
  });

  it('leaves a network alone of which nothing is frozen', () => {
    expect(freezeParts(network, [])).toBe(network);
  });

  it('names every part that is not there, and refuses to freeze all', () => {
    const freeze = (): unknown => freezeParts(network, ['layer4', 'head', 'stem']);
    expect(freeze).toThrow(RefusedInputError);
    expect(freeze).toThrow(/resnet20 has no layer4, its parts: stem, .*resnet20 has no head/);
    expect(() => freezeParts(network, partsOf(network))).toThrow(/nothing is left to train/);
  });

  it('puts what is frozen behind what is trained, each in network order', () => {
    for (const entries of [layout.parameters, layout.statistics]) {
      let end = 0;
      for (const { name, offset, length, isFrozen } of entries) {
        expect({ name, offset, isFrozen }).toEqual({ name, offset: end, isFrozen: isOfFrozenPart(name) });
        end += length;
      }
      const order = entries.map(({ isFrozen }) => Number(isFrozen));
      expect(order).toEqual(order.toSorted((left, right) => left - right));
    }
    const kernels = layout.parameters.filter((entry) => entry.isKernel && !entry.isFrozen);
    expect(layout.numKernelElements).toBe(kernels.reduce((sum, { length }) => sum + length, 0));
    expect(kernels.at(-1)?.offset).toBeLessThan(layout.numKernelElements);
  });

  it('leaves no room in the gradient vector for what is frozen', () => {
    expect([layout.numParameters, layout.numStatistics]).toEqual([whole.numParameters, whole.numStatistics]);
    const lengthOf = (entries: readonly { name: string; length: number }[]): number =>
      entries.filter(({ name }) => !isOfFrozenPart(name)).reduce((sum, { length }) => sum + length, 0);
    expect(layout.numTrained).toBe(lengthOf(whole.parameters));
    expect(layout.numTrainedStatistics).toBe(lengthOf(whole.statistics));
    expect(layout.vectorLength).toBe(layout.numTrained + layout.numTrainedStatistics + 4);
    expect(layout.scalars.loss).toBe(layout.vectorLength - 4);
  });

  it('starts every tensor from the same numbers, frozen or not', () => {
    const [plain, part] = [initialState(whole, 5), initialState(layout, 5)];
    const values = (of: VectorLayout, { name }: ParameterEntry, vector: Float32Array): Float32Array => {
      const { offset = 0, length = 0 } = of.parameters.find((entry) => entry.name === name) ?? {};
      return vector.slice(offset, offset + length);
    };
    for (const entry of whole.parameters) {
      expect(values(layout, entry, part.parameters)).toEqual(values(whole, entry, plain.parameters));
    }
  });

  it('asks for no gradient before the first node that is trained', () => {
    const deep = freezeParts(network, ['stem', 'layer1']);
    const first = deep.nodes.findIndex((node) => 'name' in node && node.name.startsWith('layer2'));
    const needs = needsGradient(deep);
    expect(needs.indexOf(true)).toBe(first);
    expect(needs.slice(first + 3).every(Boolean)).toBe(true);
    expect(needsGradient(network).slice(1).every(Boolean)).toBe(true);
  });
});
