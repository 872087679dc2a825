import type { Network } from '#resnet';

/** PyTorch's batch-norm momentum, the share of the batch in the running statistics: the same in all nodes of a network. */
export function statisticsMomentum(network: Network): number {
  const found = new Set(network.nodes.flatMap((node) => (node.kind === 'batch-normalization' ? [node.momentum] : [])));
  if (found.size > 1) throw new Error(`one batch-norm momentum is supported, the network has ${[...found].join(', ')}`);
  // Without batch normalisation there is nothing to move.
  return found.values().next().value ?? 0;
}
