import type { NetworkOptions } from '../network/network-options.js';
import type { Network } from '../network/network.js';
import { foreignNetwork } from './foreign-network.js';
import { identifyNetwork } from './identify-network.js';
import { networkText } from './network-text.js';
import type { NetworkTensors } from './stored-names.js';

type Shaped = { readonly shape: readonly number[] };

interface Misfit {
  readonly found: NetworkTensors<Shaped>;
  /** Names of the tensors that do not fit. */
  readonly paths: readonly string[];
  readonly isOfHead: (path: string) => boolean;
  /** Whether the file fits another network but for its head. */
  readonly fits: (model: NetworkOptions) => boolean;
}

/** Why a file does not fit a network, in a line; undefined where the tensors that differ are all there is to say. */
export function misfitCause(network: Network, { found, paths, isOfHead, fits }: Misfit): string | undefined {
  const shapes = new Map([...found.tensors].map(([name, { shape }]) => [name, shape]));
  const [numClasses] = shapes.get('fc.weight') ?? [];
  if (paths.every(isOfHead)) {
    if (numClasses === undefined) return 'it has no head';
    if (numClasses !== network.numClasses) return `its head is of ${numClasses} classes, not ${network.numClasses}`;
  }
  const foreign = foreignNetwork(shapes);
  if (foreign !== undefined) return `it is of ${foreign}`;
  const identified = identifyNetwork(shapes);
  return identified !== undefined && fits(identified.model) ? `it is of ${networkText(identified.model)}` : undefined;
}
