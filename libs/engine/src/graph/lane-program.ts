import type { Batch } from '#data-loading';
import { branchesOf, leavesOf } from '../batch-tree.js';
import type { BatchTree } from '../engine.js';

/** Slots in a row whose vectors are added up. */
export interface SlotRange {
  readonly from: number;
  readonly size: number;
}

/**
 * What a session does one after the other. It keeps a sum, and a stack of sums that wait for their right neighbour; slots
 * leave theirs in places of their own, of which the first is that of the sum.
 */
export type LaneInstruction =
  /** Batches in the slots from the first on; the sum of each range is kept in the place of its first slot. */
  | { readonly kind: 'lanes'; readonly batches: readonly Batch[]; readonly ranges: readonly SlotRange[] }
  /** The sum is that in the place of a slot. */
  | { readonly kind: 'take'; readonly from: number }
  /** The sum is zeros. */
  | { readonly kind: 'zeros' }
  /** The sum is kept at this depth of the stack. */
  | { readonly kind: 'push'; readonly depth: number }
  /** To what is kept at this depth the sum is added, and is the sum. */
  | { readonly kind: 'fold'; readonly depth: number }
  /** The sum is that of the next tree. */
  | { readonly kind: 'result' };

/** How many of so many slots in a row are the left side of their sum: as the lane tree halves its lanes. */
export const leftSide = (size: number): number => Math.ceil(size / 2);

/**
 * How the sums of trees are made in a graph of so many slots: all slots are filled as long as there are lanes, ranges of
 * slots are added where the tree adds them alike, the rest is added as soon as both sides are there.
 */
export function laneProgram(trees: readonly BatchTree[], numSlots: number): readonly LaneInstruction[] {
  const batches = trees.flatMap(leavesOf).filter((batch) => batch !== null);
  const program: LaneInstruction[] = [];
  const rangesOfChunk = new Map<number, SlotRange[]>();
  let numSeen = 0;

  /** The range of slots that a tree's lanes are in; null where they are not in one, or not added up alike. */
  const rangeOf = (tree: BatchTree): SlotRange | null => {
    const leaves = leavesOf(tree);
    const from = numSeen % numSlots;
    const isWhole = from + leaves.length <= numSlots && !leaves.includes(null) && isHalved(tree);
    return isWhole ? { from, size: leaves.length } : null;
  };
  const visit = (tree: BatchTree, depth: number): void => {
    const range = rangeOf(tree);
    if (range) return takeRange(range);
    const branches = branchesOf(tree);
    if (!branches) return void program.push({ kind: 'zeros' });
    visit(branches[0], depth);
    program.push({ kind: 'push', depth });
    visit(branches[1], depth + 1);
    program.push({ kind: 'fold', depth });
  };
  const takeRange = (range: SlotRange): void => {
    const first = numSeen - range.from;
    const known = rangesOfChunk.get(first);
    // The ranges of a chunk become known one by one, after it has been asked for.
    const ranges = known ?? [];
    ranges.push(range);
    if (!known) {
      rangesOfChunk.set(first, ranges);
      program.push({ kind: 'lanes', batches: batches.slice(first, first + numSlots), ranges });
    }
    if (range.from > 0) program.push({ kind: 'take', from: range.from });
    numSeen += range.size;
  };
  for (const tree of trees) {
    visit(tree, 0);
    program.push({ kind: 'result' });
  }
  return program;
}

/** Where one filling of slots gives all sums. Null where sums are made of several: each is known at the end of the last. */
export function onlyFilling(
  program: readonly LaneInstruction[],
): Extract<LaneInstruction, { readonly kind: 'lanes' }> | null {
  const [first, ...others] = program;
  if (first?.kind !== 'lanes') return null;
  return others.every(({ kind }) => kind === 'take' || kind === 'result') ? first : null;
}

/** Whether a tree has the form that the graph's sums have. */
function isHalved(tree: BatchTree): boolean {
  const branches = branchesOf(tree);
  if (!branches) return true;
  const [left, right] = branches;
  const size = leavesOf(tree).length;
  return leavesOf(left).length === leftSide(size) && isHalved(left) && isHalved(right);
}
