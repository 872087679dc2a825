import { describe, expect, it } from '@jest/globals';
import { childrenOf, laneTree, maximalSubtrees } from './lane-tree.js';
import { BYTES_PER_ELEMENT, CHUNK_BYTES, dealPieces } from './ranges.js';

describe('lane tree', () => {
  it('splits every node at its upper half', () => {
    expect(childrenOf({ lo: 0, hi: 5 })).toEqual([
      { lo: 0, hi: 3 },
      { lo: 3, hi: 5 },
    ]);
    expect(childrenOf({ lo: 3, hi: 4 })).toBeNull();
  });

  it('knows its nodes and their families, and no others', () => {
    const tree = laneTree(5);
    expect(tree.contains({ lo: 0, hi: 3 })).toBe(true);
    for (const foreign of [
      [0, 4],
      [1, 3],
      [0, 0],
      [0, 6],
      [-1, 2],
      [5, 5],
      [-1, 5],
    ]) {
      expect(tree.contains({ lo: foreign[0] ?? 0, hi: foreign[1] ?? 0 })).toBe(false);
    }
    expect(tree.family({ lo: 2, hi: 3 })?.parent).toEqual({ lo: 0, hi: 3 });
    expect(tree.family(tree.root)).toBeNull();
    expect(laneTree(1).root).toEqual({ lo: 0, hi: 1 });
    expect(() => laneTree(0)).toThrow(RangeError);
    expect(() => laneTree(1.5)).toThrow(RangeError);
  });

  it('covers any set of lanes by disjoint nodes, none of which could be larger', () => {
    for (let lanes = 1; lanes <= 9; lanes += 1) {
      const tree = laneTree(lanes);
      for (let set = 0; set < 2 ** lanes; set += 1) {
        const owned = Array.from({ length: lanes }, (_, lane) => lane).filter((lane) => (set >> lane) & 1);
        const nodes = maximalSubtrees(lanes, owned);
        const covered = nodes.flatMap(({ lo, hi }) => Array.from({ length: hi - lo }, (_, index) => lo + index));
        expect(covered).toEqual(owned);
        for (const node of nodes) {
          const parent = tree.family(node)?.parent;
          const isParentOwned =
            parent && owned.filter((lane) => lane >= parent.lo && lane < parent.hi).length === parent.hi - parent.lo;
          expect(isParentOwned ?? false).toBe(false);
        }
      }
    }
    expect(() => maximalSubtrees(4, [4])).toThrow(/lane 4 is not in 0..3/);
  });

  it('makes one node of a fair share', () => {
    for (const lanes of [2, 5, 7, 8, 16, 31]) {
      const half = Math.ceil(lanes / 2);
      expect(
        maximalSubtrees(
          lanes,
          Array.from({ length: half }, (_, lane) => lane),
        ),
      ).toHaveLength(1);
    }
  });
});

describe('pieces', () => {
  it('cut the vector without gap or overlap, dealt out evenly, in turn', () => {
    for (const length of [1, 4_095, 4_096, 100_000, 25_557_032]) {
      for (const n of [1, 2, 3, 7]) {
        for (const numRounded of [0, 1, length >> 1, length]) {
          const dealt = dealPieces(length, numRounded, n);
          expect(dealt).toHaveLength(n);
          const counts = dealt.map((pieces) => pieces.length);
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
          let end = 0;
          for (const [index, { lo, hi, format }] of dealt
            .flat()
            .toSorted((a, b) => a.lo - b.lo)
            .entries()) {
            expect(dealt[index % n]).toContainEqual({ lo, hi, format });
            expect([lo, format]).toEqual([end, lo < numRounded ? 'bf16' : 'fp32']);
            expect(format === 'bf16' ? hi <= numRounded : lo >= numRounded).toBe(true);
            expect(hi > lo && (hi - lo) * BYTES_PER_ELEMENT[format] <= CHUNK_BYTES).toBe(true);
            end = hi;
          }
          expect(end).toBe(length);
        }
      }
    }
  });

  it('leave a short vector on one server', () => {
    expect(dealPieces(4, 0, 3)).toEqual([[{ lo: 0, hi: 4, format: 'fp32' }], [], []]);
  });

  it('give every server its share of any part of a long vector', () => {
    const length = 25_557_032;
    const bytes = dealPieces(length, length, 4).map((pieces) =>
      pieces.filter(({ lo }) => lo > length / 3).reduce((sum, { lo, hi }) => sum + 2 * (hi - lo), 0),
    );
    expect(Math.max(...bytes) - Math.min(...bytes)).toBeLessThanOrEqual(CHUNK_BYTES);
  });
});
