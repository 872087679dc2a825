import { describe, expect, it } from '@jest/globals';
import { permutation, randomStream } from '#contracts';
import { addInto } from '#vectors';
import { childrenOf, laneTree, maximalSubtrees, type LaneNode } from './lane-tree.js';
import { Reduction } from './reduction.js';
import { sumTree } from './sum-tree.js';
import { bitsOf, laneVector, nodeVector } from '../testing/lane-vectors.js';

const LENGTH = 64;

/** A reduction that counts the vectors it holds, so that a leak or a double release shows. */
function counted(lanes: number): {
  reduction: Reduction<Float32Array>;
  put: (node: LaneNode) => void;
  held: Set<Float32Array>;
} {
  const held = new Set<Float32Array>();
  const release = (vector: Float32Array): void => {
    if (!held.delete(vector)) throw new Error('released twice');
  };
  const reduction = new Reduction<Float32Array>(laneTree(lanes), {
    add: (left, right) => {
      addInto(left, right);
      release(right);
      return left;
    },
    drop: release,
  });
  return {
    reduction,
    held,
    put: (node) => {
      const vector = nodeVector(node, LENGTH);
      held.add(vector);
      reduction.put(node, vector);
    },
  };
}

describe('Reduction', () => {
  it('has the bits of sumTree for every partition of the lanes over three workers, in any order', () => {
    for (let lanes = 1; lanes <= 6; lanes += 1) {
      const expected = bitsOf(sumTree({ lo: 0, hi: lanes }, (lane) => laneVector(lane, LENGTH)));
      for (let partition = 0; partition < 3 ** lanes; partition += 1) {
        const ownerOf = (lane: number): number => Math.floor(partition / 3 ** lane) % 3;
        const all = Array.from({ length: lanes }, (_, lane) => lane);
        const nodes = [0, 1, 2].flatMap((worker) =>
          maximalSubtrees(
            lanes,
            all.filter((lane) => ownerOf(lane) === worker),
          ),
        );
        const { reduction, put, held } = counted(lanes);
        for (const index of permutation(nodes.length, partition)) {
          const node = nodes[index];
          if (node) put(node);
        }
        expect(bitsOf(reduction.root ?? new Float32Array(0))).toBe(expected);
        expect(held.size).toBe(1);
      }
    }
  });

  it('has the same bits when nodes overlap and repeat', () => {
    const lanes = 7;
    const nodes: LaneNode[] = [];
    const collect = (node: LaneNode): void => {
      nodes.push(node);
      for (const child of childrenOf(node) ?? []) collect(child);
    };
    collect({ lo: 0, hi: lanes });
    const expected = bitsOf(nodeVector({ lo: 0, hi: lanes }, LENGTH));
    const stream = randomStream(5);
    for (let trial = 0; trial < 100; trial += 1) {
      const { reduction, put, held } = counted(lanes);
      while (reduction.root === undefined) {
        const node = nodes[1 + stream.nextInt(nodes.length - 1)];
        if (node) put(node);
        const present = reduction.present.map((entry) => entry.node);
        expect(present.every(({ hi }, index) => hi <= (present[index + 1]?.lo ?? lanes))).toBe(true);
        expect(held.size).toBe(present.length);
      }
      expect(bitsOf(reduction.root)).toBe(expected);
      put({ lo: 0, hi: 1 });
      expect(held.size).toBe(1);
      reduction.clear();
      expect(held.size).toBe(0);
    }
  });

  it('refuses a node of another tree', () => {
    const { reduction } = counted(5);
    expect(() => reduction.put({ lo: 0, hi: 4 }, new Float32Array(1))).toThrow(/not in the tree of 5 lanes/);
  });

  it('shows what a worker has to push when it sums its own lanes', () => {
    const { reduction, put } = counted(8);
    for (const lane of [6, 1, 4, 0, 7]) put({ lo: lane, hi: lane + 1 });
    expect(reduction.present.map((entry) => entry.node)).toEqual(maximalSubtrees(8, [0, 1, 4, 6, 7]));
  });
});

describe('sumTree', () => {
  it('asks for lanes in order and adds into the first', () => {
    const asked: number[] = [];
    const vectors = [0, 1, 2].map((lane) => laneVector(lane, LENGTH));
    const sum = sumTree({ lo: 0, hi: 3 }, (lane) => {
      asked.push(lane);
      return vectors[lane] ?? new Float32Array(0);
    });
    expect(asked).toEqual([0, 1, 2]);
    expect(sum).toBe(vectors[0]);
    expect(vectors.map((vector) => vector.length)).toEqual([LENGTH, 0, 0]);
  });
});

describe('addInto', () => {
  it('rounds once to fp32, keeps infinities and signed zeros, and makes zeros of sums below 2^-126', () => {
    const cases: readonly (readonly [number, number])[] = [
      [1, 2 ** -24],
      [1, 2 ** -24 + 2 ** -48],
      [16_777_216, 1],
      [1e-45, 1e-45],
      [-1.5 * 2 ** -126, 2 ** -126],
      [2 ** -127, 2 ** -127],
      [3.4e38, 3.4e38],
      [-0, -0],
      [0, -0],
      [1.1, -1.1],
      [1, 2],
    ];
    // More than a block, and an odd rest.
    const left = Float32Array.from({ length: 5_019 }, (_, index) => cases[index % cases.length]?.[0] ?? 0);
    const right = Float32Array.from({ length: 5_019 }, (_, index) => cases[index % cases.length]?.[1] ?? 0);
    const expected = left.map((value, index) => {
      const sum = Math.fround(value + (right[index] ?? 0));
      return Math.abs(sum) < 2 ** -126 ? Math.trunc(sum) : sum;
    });
    addInto(left, right);
    expect(bitsOf(left)).toBe(bitsOf(expected));
    expect(() => addInto(left, new Float32Array(3))).toThrow(/cannot add 3 elements to 5019/);
  });
});
