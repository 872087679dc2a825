import {
  addPair,
  assignVariable,
  broadcastTo,
  cast,
  concatenate,
  emptyVariable,
  floatScalar,
  identity,
  intVector,
  readVariable,
  slice,
  variable,
  type GraphBuilder,
  type Tensor,
  type Variable,
} from '#tensorflow-graph';
import type { VectorLayout } from '#resnet';
import { leftSide } from '../lane-program.js';
import { mapValues, taken as named } from '../../named.js';
import { emitOn, emitOnEach, type Placement } from './placement.js';
import { cutSlice, handRound, slicesOf, type VectorSlice } from './vector-slices.js';

/** Sums that wait for their right neighbours: a tree of 2^16 lanes has no more. */
const STACK_DEPTH = 16;

/** Whether every lane's vector and every sum is rounded to bfloat16, as on a 16-bit wire. */
export const SUM_KINDS = ['exact', 'rounded'] as const;
export type SumKind = (typeof SUM_KINDS)[number];

/** The names of what is run for the instructions of a lane program. */
export const nameOf = {
  stage: (stage: number): string => `stage/${stage}`,
  range: (kind: SumKind, from: number, size: number): string => `${kind}/${from}/${size}`,
  take: (from: number): string => `take/${from}`,
  push: (depth: number): string => `push/${depth}`,
  fold: (depth: number): string => `fold/${depth}`,
} as const;

export interface LaneSums {
  /** What is run of the slots, by `nameOf.range`. */
  readonly ranges: Readonly<Record<string, Tensor>>;
  /** What is run of the sums alone, by its name. */
  readonly folds: Readonly<Record<string, Tensor>>;
  /** The sum, whole on each device. */
  readonly sums: readonly Tensor[];
}

/** What a device keeps from run to run of its slice of the vector. */
interface Kept {
  readonly part: VectorSlice;
  readonly places: readonly Variable[];
  readonly stack: readonly Variable[];
  /** For each place: the memory of the step before is given back before the lanes need theirs. */
  readonly cleared: readonly Tensor[];
}

/** The sum of some slots: each device's slice, and where one device drives them all the whole sum there. */
interface RangeSum {
  readonly local: { readonly device: number; readonly whole: Tensor } | null;
  readonly slices: readonly Tensor[];
}

/**
 * Adds up the slots' vectors on the devices, always left + right: what slots of one device have, there; the rest slice by
 * slice, each on a device of its own. The sums are kept in variables from run to run, so that more lanes than there are
 * slots are added up without leaving the devices; assigning one copies nothing.
 */
export function emitLaneSums(
  graph: GraphBuilder,
  vectors: readonly Tensor[],
  layout: VectorLayout,
  placement: Placement,
): LaneSums {
  return graph.scope('sums', () => {
    const slices = slicesOf(layout.vectorLength, placement.devices.length);
    const kept = emitOnEach(graph, placement, (device) => declareKept(graph, vectors.length, taken(slices, device)));
    const ranges = SUM_KINDS.map((kind) => ({ kind, sums: emitRanges(graph, kind, vectors, layout, placement, kept) }));
    const parts = emitOnEach(graph, placement, (device) =>
      emitKept(graph, taken(kept, device), layout, ranges, device),
    );
    return {
      ranges: together(
        graph,
        parts.map((part) => part.ranges),
      ),
      folds: together(
        graph,
        parts.map((part) => part.folds),
      ),
      sums: handRound(
        graph,
        placement,
        parts.map((part) => part.sum),
      ),
    };
  });
}

function declareKept(graph: GraphBuilder, numSlots: number, part: VectorSlice): Kept {
  const places = Array.from({ length: numSlots }, (_, slot) => variable(graph, `slot-sum-${slot}`, 'float32', [-1]));
  return {
    part,
    places,
    stack: Array.from({ length: STACK_DEPTH }, (_, depth) => variable(graph, `waiting-sum-${depth}`, 'float32', [-1])),
    cleared: places.map((place) => emptyVariable(graph, place)),
  };
}

/** [from][size - 1]: the sum of so many slots from that one on. */
function emitRanges(
  graph: GraphBuilder,
  kind: SumKind,
  vectors: readonly Tensor[],
  { numTrained, vectorLength }: VectorLayout,
  placement: Placement,
  kept: readonly Kept[],
): readonly (readonly RangeSum[])[] {
  const finished = (x: Tensor, part: VectorSlice): Tensor =>
    kind === 'rounded' ? rounded(graph, x, part, numTrained) : x;
  const all = { offset: 0, length: vectorLength };
  const ofDevice = (device: number, sum: () => Tensor): RangeSum =>
    emitOn(graph, placement, device, () => {
      const whole = finished(sum(), all);
      const isOne = kept.length === 1;
      return {
        local: { device, whole },
        slices: isOne ? [whole] : kept.map(({ part }) => cutSlice(graph, whole, part)),
      };
    });
  return rangeSums<RangeSum>(
    vectors.map((vector, slot) => ofDevice(taken(placement.deviceOfSlot, slot), () => vector)),
    (left, right, middle) => {
      if (left.local && right.local && left.local.device === right.local.device) {
        const { device, whole } = left.local;
        const other = right.local.whole;
        return ofDevice(device, () => addPair(graph, whole, other, [taken(taken(kept, device).cleared, middle)]));
      }
      const sums = emitOnEach(graph, placement, (device) => {
        const { cleared, part } = taken(kept, device);
        const sum = addPair(graph, taken(left.slices, device), taken(right.slices, device), [taken(cleared, middle)]);
        return finished(sum, part);
      });
      return { local: null, slices: sums };
    },
  );
}

/** What a device does with its slice of the sums. */
function emitKept(
  graph: GraphBuilder,
  { part, places, stack, cleared }: Kept,
  { numTrained }: VectorLayout,
  kinds: readonly { readonly kind: SumKind; readonly sums: readonly (readonly RangeSum[])[] }[],
  device: number,
): Omit<LaneSums, 'sums'> & { readonly sum: Tensor } {
  const [first] = places;
  if (!first) throw new Error('a graph needs a slot');
  const assigned = (name: string, target: Variable, value: Tensor, after: readonly Tensor[] = []): [string, Tensor] => [
    name,
    ran(graph, name, [assignVariable(graph, target, value, after)]),
  ];
  const ranges = kinds.flatMap(({ kind, sums }) =>
    sums.flatMap((bySize, from) =>
      bySize.map(({ slices }, index) =>
        assigned(nameOf.range(kind, from, index + 1), taken(places, from), taken(slices, device), [
          taken(cleared, from),
        ]),
      ),
    ),
  );
  const takes = places.map((place, from) => assigned(nameOf.take(from), first, readVariable(graph, place)));
  const zeros = broadcastTo(graph, floatScalar(graph, 0), intVector(graph, [part.length]));
  const folds = stack.map((waiting, depth) => {
    const left = readVariable(graph, waiting);
    const forgotten = emptyVariable(graph, waiting, [left]);
    return assigned(nameOf.fold(depth), first, addPair(graph, left, readVariable(graph, first), [forgotten]));
  });
  const round = rounded(graph, readVariable(graph, first), part, numTrained);
  const pushes = stack.map((waiting, depth) => assigned(nameOf.push(depth), waiting, readVariable(graph, first)));
  return {
    ranges: Object.fromEntries(ranges),
    folds: Object.fromEntries([
      ...takes.slice(1),
      assigned('zeros', first, zeros),
      ...pushes,
      ...folds,
      assigned('round', first, round),
    ]),
    sum: readVariable(graph, first),
  };
}

const ran = (graph: GraphBuilder, name: string, after: readonly Tensor[]): Tensor =>
  identity(graph, floatScalar(graph, 0), name, after);

/** Of what all devices have by the same names: that it has been run on each. */
function together(
  graph: GraphBuilder,
  parts: readonly Readonly<Record<string, Tensor>>[],
): Readonly<Record<string, Tensor>> {
  const [first = {}] = parts;
  if (parts.length === 1) return first;
  return mapValues(first, (_, name) =>
    ran(
      graph,
      name,
      parts.map((part) => named(part, name)),
    ),
  );
}

/** [from][size - 1]: the sum of so many slots from that one on. No two sums of a tree have one middle, where its right side begins. */
export function rangeSums<Sum>(
  leaves: readonly Sum[],
  plus: (left: Sum, right: Sum, middle: number) => Sum,
): readonly (readonly Sum[])[] {
  const sums = leaves.map((leaf) => [leaf]);
  const sumOf = (from: number, size: number): Sum => taken(taken(sums, from), size - 1);
  for (let size = 2; size <= leaves.length; size += 1) {
    for (const [from, bySize] of sums.slice(0, leaves.length - size + 1).entries()) {
      const middle = from + leftSide(size);
      bySize.push(plus(sumOf(from, middle - from), sumOf(middle, from + size - middle), middle));
    }
  }
  return sums;
}

export function taken<Each>(all: readonly Each[], index: number): Each {
  const each = all[index];
  if (each === undefined) throw new RangeError(`nothing is at place ${index} of ${all.length}`);
  return each;
}

/** A part of the vector, of whose first elements those that it has are rounded to bfloat16. */
export function rounded(graph: GraphBuilder, x: Tensor, { offset, length }: VectorSlice, numRounded: number): Tensor {
  const numHere = Math.min(length, Math.max(0, numRounded - offset));
  if (numHere === 0) return x;
  const front = cast(graph, slice(graph, x, [0], [numHere]), 'bfloat16');
  return concatenate(graph, [cast(graph, front, 'float32'), slice(graph, x, [numHere], [-1])], 'float32');
}
