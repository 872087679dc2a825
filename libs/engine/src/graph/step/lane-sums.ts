import {
  addPair,
  assignVariable,
  broadcastTo,
  cast,
  concatenate,
  constant,
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

/** Sums that wait for their right neighbours: a tree of 2^16 lanes has no more. */
const STACK_DEPTH = 16;

/** Whether every lane's vector and every sum is rounded to bfloat16, as on a 16-bit wire. */
export const SUM_KINDS = ['exact', 'rounded'] as const;
export type SumKind = (typeof SUM_KINDS)[number];

/** The names of what is run for the instructions of a lane program. */
export const nameOf = {
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
  /** The sum. */
  readonly sum: Tensor;
}

/**
 * Adds up the slots' vectors on the device, always left + right. The sums are kept in variables from run to run, so that
 * more lanes than there are slots are added up without leaving the device; assigning one copies nothing.
 */
export function emitLaneSums(graph: GraphBuilder, vectors: readonly Tensor[], layout: VectorLayout): LaneSums {
  return graph.scope('sums', () => {
    const places = vectors.map((_, slot) => variable(graph, `slot-sum-${slot}`, 'float32', [-1]));
    const [first] = places;
    if (!first) throw new Error('a graph needs a slot');
    const stack = Array.from({ length: STACK_DEPTH }, (_, depth) =>
      variable(graph, `waiting-sum-${depth}`, 'float32', [-1]),
    );
    const nothing = constant(graph, { dtype: 'float32', shape: [0], values: [] });
    const done = (name: string, after: readonly Tensor[]): Tensor =>
      identity(graph, floatScalar(graph, 0), name, after);
    const assigned = (name: string, target: Variable, value: Tensor, after: readonly Tensor[] = []): Tensor =>
      done(name, [assignVariable(graph, target, value, after)]);

    // The memory of the step before is given back before the lanes need theirs.
    const cleared = places.map((place) => assignVariable(graph, place, nothing));
    const ranges = SUM_KINDS.flatMap((kind) => {
      const finished = (x: Tensor): Tensor => (kind === 'rounded' ? rounded(graph, x, layout.numTrained) : x);
      const sums = rangeSums(vectors.map(finished), (left, right, middle) =>
        finished(addPair(graph, left, right, [taken(cleared, middle)])),
      );
      return sums.flatMap((bySize, from) =>
        bySize.map((sum, index): [string, Tensor] => {
          const name = nameOf.range(kind, from, index + 1);
          return [name, assigned(name, taken(places, from), sum, [taken(cleared, from)])];
        }),
      );
    });
    const takes = places.map((place, from): [string, Tensor] => {
      const name = nameOf.take(from);
      return [name, assigned(name, first, readVariable(graph, place))];
    });
    const zeros = broadcastTo(graph, floatScalar(graph, 0), intVector(graph, [layout.vectorLength]));
    const folds = stack.map((waiting, depth): [string, Tensor] => {
      const name = nameOf.fold(depth);
      const left = readVariable(graph, waiting);
      const forgotten = assignVariable(graph, waiting, nothing, [left]);
      return [name, assigned(name, first, addPair(graph, left, readVariable(graph, first), [forgotten]))];
    });
    const round = rounded(graph, readVariable(graph, first), layout.numTrained);
    const pushes = stack.map((waiting, depth): [string, Tensor] => {
      const name = nameOf.push(depth);
      return [name, assigned(name, waiting, readVariable(graph, first))];
    });
    return {
      ranges: Object.fromEntries(ranges),
      folds: Object.fromEntries([
        ...takes.slice(1),
        ['zeros', assigned('zeros', first, zeros)],
        ...pushes,
        ...folds,
        ['round', assigned('round', first, round)],
      ]),
      sum: readVariable(graph, first),
    };
  });
}

/** [from][size - 1]: the sum of so many slots from that one on. No two sums of a tree have one middle, where its right side begins. */
function rangeSums(
  vectors: readonly Tensor[],
  plus: (left: Tensor, right: Tensor, middle: number) => Tensor,
): readonly (readonly Tensor[])[] {
  const sums = vectors.map((vector) => [vector]);
  const sumOf = (from: number, size: number): Tensor => taken(taken(sums, from), size - 1);
  for (let size = 2; size <= vectors.length; size += 1) {
    for (const [from, bySize] of sums.slice(0, vectors.length - size + 1).entries()) {
      const middle = from + leftSide(size);
      bySize.push(plus(sumOf(from, middle - from), sumOf(middle, from + size - middle), middle));
    }
  }
  return sums;
}

function taken<Each>(all: readonly Each[], index: number): Each {
  const each = all[index];
  if (each === undefined) throw new RangeError(`nothing is at place ${index} of ${all.length}`);
  return each;
}

/** The first elements rounded to bfloat16. */
function rounded(graph: GraphBuilder, x: Tensor, numRounded: number): Tensor {
  const front = cast(graph, slice(graph, x, [0], [numRounded]), 'bfloat16');
  return concatenate(graph, [cast(graph, front, 'float32'), slice(graph, x, [numRounded], [-1])], 'float32');
}
