import { RefusedInputError } from '#contracts';
import type { NetworkNode } from './layers.js';
import type { Network } from './network.js';

/** The part of the network that a tensor or node belongs to: `stem`, `layer1`, ..., `fc`. */
export function partOf(name: string): string {
  const [first = name] = name.split('.');
  return /^(conv|bn)\d+$/.test(first) ? 'stem' : first;
}

/** Parts with weights, in the order data passes through them. */
export const partsOf = (network: Network): readonly string[] => [
  ...new Set(network.nodes.flatMap((node) => ('name' in node ? [partOf(node.name)] : []))),
];

/**
 * The network with parts whose weights training leaves as they are. Their batch normalisations use their running
 * statistics in training too. Any parts may be frozen, not only the first ones; gradients pass through. The network
 * itself comes back where nothing is frozen. Throws RefusedInputError naming every part that it does not have.
 */
export function freezeParts(network: Network, frozen: readonly string[]): Network {
  if (frozen.length === 0) return network;
  const parts = partsOf(network);
  const faults = frozen
    .filter((part) => !parts.includes(part))
    .map((part) => ({
      path: 'freeze',
      message: `${network.architecture} has no ${part}, its parts: ${parts.join(', ')}`,
    }));
  if (parts.every((part) => frozen.includes(part))) {
    faults.push({ path: 'freeze', message: `freezes all of ${parts.join(', ')}: nothing is left to train` });
  }
  if (faults.length > 0) {
    throw new RefusedInputError(`cannot be frozen: ${faults.map(({ message }) => message).join('; ')}`, faults);
  }
  const nodes = network.nodes.map((node): NetworkNode => {
    const isFrozen = 'name' in node && frozen.includes(partOf(node.name));
    return isFrozen ? { ...node, isFrozen } : node;
  });
  return { ...network, nodes };
}
