import type { ParameterEntry, StatisticsEntry, VectorLayout } from './layout.js';
import type { Network } from '../network/network.js';

type Start = Pick<ParameterEntry, 'startsAtZero' | 'startsAt'>;
type Unplaced<Entry> = Omit<Entry, 'offset'>;
type UnplacedParameter = Unplaced<Omit<ParameterEntry, 'length' | 'seedIndex'>>;

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** Where each tensor of the network lies in the flat vectors. Pure: equal networks have equal layouts. */
export function layoutOf(network: Network): VectorLayout {
  const { kernels, others, statistics } = entriesOf(network);
  const parameters = placed(
    [...kernels, ...others].map((entry, seedIndex) => ({ ...entry, length: sizeOf(entry.shape), seedIndex })),
  );
  const placedStatistics = placed(statistics);
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

function entriesOf(network: Network): {
  readonly kernels: readonly UnplacedParameter[];
  readonly others: readonly UnplacedParameter[];
  readonly statistics: readonly Unplaced<StatisticsEntry>[];
} {
  const kernels: UnplacedParameter[] = [];
  const others: UnplacedParameter[] = [];
  const statistics: Unplaced<StatisticsEntry>[] = [];
  for (const node of network.nodes) {
    const isFrozen = 'isFrozen' in node && node.isFrozen;
    const vector = (suffix: string, role: ParameterEntry['role'], length: number, start: Start = {}): void => {
      const name = 'name' in node ? `${node.name}.${suffix}` : suffix;
      others.push({ name, role, shape: [length], torchShape: [length], isKernel: false, isFrozen, ...start });
    };
    if (node.kind === 'convolution') {
      const { kernelSize, inChannels, outChannels } = node;
      kernels.push({
        name: `${node.name}.weight`,
        role: 'convolution',
        shape: [kernelSize, kernelSize, inChannels, outChannels],
        torchShape: [outChannels, inChannels, kernelSize, kernelSize],
        isKernel: true,
        isFrozen,
        ...(node.startsByFanIn ? { startsByFanIn: true } : {}),
      });
    } else if (node.kind === 'batch-normalization') {
      const length = node.channels;
      vector('weight', 'gamma', length, node.startsAtZero ? { startsAtZero: true } : {});
      vector('bias', 'beta', length);
      statistics.push(
        { name: `${node.name}.running_mean`, kind: 'mean', length, isFrozen },
        { name: `${node.name}.running_var`, kind: 'variance', length, isFrozen },
      );
    } else if (node.kind === 'dense' || node.kind === 'linear') {
      const startsNormal = node.kind === 'dense' ? node.startsNormal : undefined;
      kernels.push({
        name: `${node.name}.weight`,
        role: 'dense-kernel',
        shape: [node.inFeatures, node.outFeatures],
        torchShape: [node.outFeatures, node.inFeatures],
        isKernel: true,
        isFrozen,
        ...(startsNormal === undefined ? {} : { startsNormal }),
      });
      if (node.kind === 'dense') {
        vector('bias', 'dense-bias', node.outFeatures, startsNormal === undefined ? {} : { startsAt: 0 });
      }
    } else if (node.kind === 'gate' && node.initialBias !== null) {
      vector('bias', 'gate-bias', node.channels, { startsAt: node.initialBias });
    }
  }
  return { kernels, others, statistics };
}
