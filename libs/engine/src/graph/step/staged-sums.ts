import {
  addPair,
  assignVariable,
  concatenate,
  cutIntoRuns,
  floatScalar,
  variable,
  type GraphBuilder,
  type Tensor,
} from '#tensorflow-graph';
import type { GradientStage, VectorLayout } from '#resnet';
import type { LaneSlot } from './lane-slot.js';
import { nameOf, rangeSums, rounded, SUM_KINDS, taken } from './lane-sums.js';

/**
 * The sums of slots as `emitLaneSums` makes them, in runs of the session, stage after stage of the backward pass: for each
 * stage, by `nameOf.range`, its parts of the sum, one behind the other. To be written when the slots are.
 */
export function emitStagedSums(
  graph: GraphBuilder,
  slots: readonly LaneSlot[],
  layout: VectorLayout,
  stages: readonly GradientStage[],
): readonly Readonly<Record<string, Tensor>>[] {
  const runsOfSlots = slots.map((slot, index) =>
    graph.scope(`stages-of-lane-${index}`, () => {
      const targets = stages.map((stage) => concatenate(graph, partsIn(slot, layout, stage), 'float32'));
      return cutIntoRuns(graph, targets);
    }),
  );
  return stages.map((stage, index) =>
    graph.scope(`stage-${index}`, () => {
      const vectors = runsOfSlots.flatMap((runs) => runs[index] ?? []);
      const { parts, numElements: length } = stage;
      const numRounded = parts.reduce((sum, { lo, hi }) => sum + Math.max(0, Math.min(hi, layout.numTrained) - lo), 0);
      const mark = variable(graph, 'mark', 'float32', []);
      const marked = vectors.map(() => assignVariable(graph, mark, floatScalar(graph, 0)));
      const sums = SUM_KINDS.flatMap((kind) => {
        const finished = (x: Tensor): Tensor =>
          kind === 'rounded' ? rounded(graph, x, { offset: 0, length }, numRounded) : x;
        const bySlot = rangeSums<Tensor>(vectors.map(finished), (left, right, middle) =>
          finished(addPair(graph, left, right, [taken(marked, middle)])),
        );
        return bySlot.flatMap((bySize, from) =>
          bySize.map((sum, size): [string, Tensor] => [nameOf.range(kind, from, size + 1), sum]),
        );
      });
      return Object.fromEntries(sums);
    }),
  );
}

/** Of a lane what lies in the stage's parts of the vector, in its order. */
function partsIn({ parts }: LaneSlot, layout: VectorLayout, stage: GradientStage): readonly Tensor[] {
  const trained = layout.parameters.filter(({ isFrozen }) => !isFrozen);
  const isIn = (offset: number): boolean => stage.parts.some(({ lo, hi }) => lo <= offset && offset < hi);
  // Behind the gradients come statistics and scalars.
  return parts.filter((_, index) => isIn(trained[index]?.offset ?? layout.numTrained));
}
