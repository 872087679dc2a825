import { statisticsOf, weightsOf, type NetworkNode } from '../network/layers.js';
import type { Network } from '../network/network.js';
import type { VectorLayout } from './layout.js';

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** Where each tensor of the network lies in the flat vectors. Pure: equal networks have equal layouts. */
export function layoutOf(network: Network): VectorLayout {
  const weights = network.nodes.flatMap((node) => weightsOf(node).map((weight) => ({ ...weight, ...frozenAs(node) })));
  const parameters = placed(
    [...weights.filter(({ isKernel }) => isKernel), ...weights.filter(({ isKernel }) => !isKernel)].map(
      (entry, seedIndex) => ({ ...entry, length: sizeOf(entry.shape), seedIndex }),
    ),
  );
  const placedStatistics = placed(
    network.nodes.flatMap((node) => statisticsOf(node).map((statistic) => ({ ...statistic, ...frozenAs(node) }))),
  );
  const [numTrained, numTrainedStatistics] = [trainedLength(parameters), trainedLength(placedStatistics)];
  const scalars = numTrained + numTrainedStatistics;
  return {
    parameters,
    numParameters: totalLength(parameters),
    numTrained,
    numKernelElements: trainedLength(parameters.filter((entry) => entry.isKernel)),
    statistics: placedStatistics,
    numStatistics: totalLength(placedStatistics),
    numTrainedStatistics,
    vectorLength: scalars + 4,
    scalars: { loss: scalars, correct: scalars + 1, samples: scalars + 2, reserved: scalars + 3 },
  };
}

const frozenAs = (node: NetworkNode): { readonly isFrozen: boolean } => ({
  isFrozen: 'isFrozen' in node && node.isFrozen,
});

const totalLength = (entries: readonly { length: number }[]): number =>
  entries.reduce((sum, { length }) => sum + length, 0);

const trainedLength = (entries: readonly { length: number; isFrozen: boolean }[]): number =>
  totalLength(entries.filter((entry) => !entry.isFrozen));

/** One after the other, what is frozen last. */
function placed<Entry extends { readonly length: number; readonly isFrozen: boolean }>(
  entries: readonly Entry[],
): (Entry & { readonly offset: number })[] {
  let offset = 0;
  return [...entries.filter((entry) => !entry.isFrozen), ...entries.filter((entry) => entry.isFrozen)].map((entry) => {
    const here = { ...entry, offset };
    offset += entry.length;
    return here;
  });
}
