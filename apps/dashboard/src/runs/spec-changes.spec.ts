import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { isObject, mergePatch } from '#contracts';
import { patchBetween, specChanges } from './spec-changes.js';

const WAS = { name: 'a', optimizer: { learningRate: 0.1, momentum: 0.9 }, milestones: [3, 4], seed: 1 };

describe('what was changed of a spec', () => {
  it('names every field that differs, each with both values', () => {
    const is = { name: 'a', optimizer: { momentum: 0.9, learningRate: 0.2 }, milestones: [3], epochs: 5 };
    expect(specChanges(WAS, is)).toEqual([
      { path: 'optimizer.learningRate', was: '0.1', is: '0.2' },
      { path: 'milestones', was: '[3,4]', is: '[3]' },
      { path: 'seed', was: '1', is: null },
      { path: 'epochs', was: null, is: '5' },
    ]);
  });

  it('is nothing where only the order of the fields differs', () => {
    const is = { seed: 1, milestones: [3, 4], optimizer: { momentum: 0.9, learningRate: 0.1 }, name: 'a' };
    expect(specChanges(WAS, is)).toEqual([]);
    expect(patchBetween(WAS, is)).toEqual({});
  });

  it('is a merge patch that takes away what is missing, and replaces lists', () => {
    const is = { name: 'a', optimizer: { learningRate: 0.2, momentum: 0.9 }, milestones: [3] };
    expect(patchBetween(WAS, is)).toEqual({ optimizer: { learningRate: 0.2 }, milestones: [3], seed: null });
  });

  it('is a patch that makes any JSON object without null of any other', () => {
    const leaf = fc.oneof(fc.integer(), fc.string(), fc.boolean());
    const { tree } = fc.letrec((tie) => ({
      tree: fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('node')),
      node: fc.oneof(leaf, fc.array(leaf, { maxLength: 2 }), tie('tree')),
    }));
    fc.assert(
      fc.property(tree, tree, (was, is) => {
        if (isObject(was) && isObject(is)) expect(mergePatch(was, patchBetween(was, is))).toEqual(is);
      }),
    );
  });
});
