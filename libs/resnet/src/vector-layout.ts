import type { ParameterEntry, StatisticsEntry, VectorLayout } from './layout.js';
import type { Network } from './network.js';

type Start = Pick<ParameterEntry, 'startsAtZero' | 'startsAt'>;
type UnplacedParameter = Omit<ParameterEntry, 'offset' | 'length'>;

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** Where each tensor of the network lies in the flat vectors. Pure: equal networks have equal layouts. */
export function layoutOf(network: Network): VectorLayout {
  const kernels: UnplacedParameter[] = [];
  const others: UnplacedParameter[] = [];
  const statistics: StatisticsEntry[] = [];
  let numStatistics = 0;
  const vector = (name: string, role: ParameterEntry['role'], length: number, start: Start = {}): void => {
    others.push({ name, role, shape: [length], torchShape: [length], isKernel: false, ...start });
  };
  const statistic = (name: string, kind: StatisticsEntry['kind'], length: number): void => {
    statistics.push({ name, kind, offset: numStatistics, length });
    numStatistics += length;
  };

  for (const node of network.nodes) {
    if (node.kind === 'convolution') {
      const { kernelSize, inChannels, outChannels } = node;
      kernels.push({
        name: `${node.name}.weight`,
        role: 'convolution',
        shape: [kernelSize, kernelSize, inChannels, outChannels],
        torchShape: [outChannels, inChannels, kernelSize, kernelSize],
        isKernel: true,
        ...(node.startsByFanIn ? { startsByFanIn: true } : {}),
      });
    } else if (node.kind === 'batch-normalization') {
      vector(`${node.name}.weight`, 'gamma', node.channels, node.startsAtZero ? { startsAtZero: true } : {});
      vector(`${node.name}.bias`, 'beta', node.channels);
      statistic(`${node.name}.running_mean`, 'mean', node.channels);
      statistic(`${node.name}.running_var`, 'variance', node.channels);
    } else if (node.kind === 'dense' || node.kind === 'linear') {
      const startsNormal = node.kind === 'dense' ? node.startsNormal : undefined;
      kernels.push({
        name: `${node.name}.weight`,
        role: 'dense-kernel',
        shape: [node.inFeatures, node.outFeatures],
        torchShape: [node.outFeatures, node.inFeatures],
        isKernel: true,
        ...(startsNormal === undefined ? {} : { startsNormal }),
      });
      if (node.kind === 'dense') {
        vector(`${node.name}.bias`, 'dense-bias', node.outFeatures, startsNormal === undefined ? {} : { startsAt: 0 });
      }
    } else if (node.kind === 'gate' && node.initialBias !== null) {
      vector(`${node.name}.bias`, 'gate-bias', node.channels, { startsAt: node.initialBias });
    }
  }

  let numParameters = 0;
  const parameters = [...kernels, ...others].map((entry): ParameterEntry => {
    const placed = { ...entry, offset: numParameters, length: sizeOf(entry.shape) };
    numParameters += placed.length;
    return placed;
  });
  const scalars = numParameters + numStatistics;
  return {
    parameters,
    numParameters,
    numKernelElements: kernels.reduce((sum, entry) => sum + sizeOf(entry.shape), 0),
    statistics,
    numStatistics,
    vectorLength: scalars + 4,
    scalars: { loss: scalars, correct: scalars + 1, samples: scalars + 2, reserved: scalars + 3 },
  };
}
