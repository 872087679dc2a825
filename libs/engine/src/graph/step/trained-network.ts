import { constant, type GraphBuilder, type Tensor } from '#tensorflow-graph';
import type { VectorLayout } from '#resnet';
import type { NetworkState } from '#resnet';
import type { Network } from '#resnet';
import { emitNetwork } from './emit-network.js';

/** A network and what it has learned, borrowed. */
export interface TrainedNetwork extends Pick<NetworkState, 'parameters' | 'statistics'> {
  readonly network: Network;
  readonly layout: VectorLayout;
}

/**
 * Writes the forward pass with running statistics and the weights as constants of the graph, for models that leave
 * Skiplane. Returns logits [N, numClasses] of normalised images [N,S,S,3].
 */
export function emitTrainedNetwork(graph: GraphBuilder, trained: TrainedNetwork, images: Tensor): Tensor {
  const { network, layout, parameters, statistics } = trained;
  const parameterEntries = new Map(layout.parameters.map((entry) => [entry.name, entry]));
  const statisticEntries = new Map(layout.statistics.map((entry) => [entry.name, entry]));
  const refuse = (): never => {
    throw new Error('a trained network is not trained on');
  };
  return graph.scope('network', () => {
    const { logits } = emitNetwork(
      {
        graph,
        mode: 'inference',
        sides: 'own-size',
        computeType: 'float32',
        parameter: (name) => {
          const entry = parameterEntries.get(name) ?? unknown(name);
          const values = parameters.subarray(entry.offset, entry.offset + entry.length);
          return constant(graph, { dtype: 'float32', shape: entry.shape, values });
        },
        statistic: (name) => {
          const { offset, length } = statisticEntries.get(name) ?? unknown(name);
          const values = statistics.subarray(offset, offset + length);
          return constant(graph, { dtype: 'float32', shape: [length], values });
        },
        setBatchStatistic: refuse,
        setGradient: refuse,
      },
      network,
      images,
    );
    return logits;
  });
}

const unknown = (name: string): never => {
  throw new Error(`the layout has no entry ${name}`);
};
