import type { ParameterEntry, StatisticsEntry, VectorLayout } from '../layout/layout.js';
import { statisticsOf, weightsOf } from '../network/layers.js';
import type { Network } from '../network/network.js';

/** One key of a torchvision state dict and what it holds. */
export type StateDictItem =
  | {
      readonly kind: 'parameter';
      readonly name: string;
      readonly torchShape: readonly number[];
      readonly entry: ParameterEntry;
    }
  | {
      readonly kind: 'statistic';
      readonly name: string;
      readonly torchShape: readonly number[];
      readonly entry: StatisticsEntry;
    }
  /** `num_batches_tracked`, an int64 scalar. */
  | { readonly kind: 'counter'; readonly name: string; readonly torchShape: readonly [] };

/** Keys in torchvision's order: of a batch normalisation weight, bias, running_mean, running_var, num_batches_tracked. */
export function stateDictItems(network: Network, layout: VectorLayout): StateDictItem[] {
  const parameters = new Map(layout.parameters.map((entry) => [entry.name, entry]));
  const statistics = new Map(layout.statistics.map((entry) => [entry.name, entry]));
  const parameter = (name: string): StateDictItem => {
    const entry = parameters.get(name);
    if (entry === undefined) throw new Error(`the layout is of another network: no ${name}`);
    return { kind: 'parameter', name, torchShape: entry.torchShape, entry };
  };
  const statistic = (name: string): StateDictItem => {
    const entry = statistics.get(name);
    if (entry === undefined) throw new Error(`the layout is of another network: no ${name}`);
    return { kind: 'statistic', name, torchShape: [entry.length], entry };
  };
  return network.nodes.flatMap((node): StateDictItem[] => {
    const running = statisticsOf(node);
    return [
      ...weightsOf(node).map(({ name }) => parameter(name)),
      ...running.map(({ name }) => statistic(name)),
      ...(running.length > 0 && 'name' in node
        ? [{ kind: 'counter', name: `${node.name}.num_batches_tracked`, torchShape: [] } as const]
        : []),
    ];
  });
}
