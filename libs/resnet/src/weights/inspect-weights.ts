import { buildNetwork } from '../network/build-network.js';
import type { NetworkOptions } from '../network/network-options.js';
import { layoutOf } from '../layout/vector-layout.js';
import { fitWeights, type WeightsFit } from './fit-weights.js';
import { identifyNetwork, type IdentifiedNetwork } from './identify-network.js';
import { foreignNetwork } from './foreign-network.js';
import type { TensorInfo } from './safetensors-header.js';
import { networkTensors } from './stored-names.js';

/** What a weights file is found to be. */
export interface WeightsInspection {
  /** The network it is compared with: the one asked for, else the one its tensors tell of, if they do. */
  readonly model: NetworkOptions | null;
  /** Of an identified network: what the weights do not tell. */
  readonly undetermined: IdentifiedNetwork['undetermined'];
  readonly prefix: string;
  /** Where the head lies, where that is not `fc.` behind the prefix. */
  readonly headPrefix: string | null;
  /** How many tensors lie beside the network, by the first part of their names: `optimizer`, `state_dict`. */
  readonly numTensorsBeside: Readonly<Record<string, number>>;
  /** Rows of the head; null without one. */
  readonly numClasses: number | null;
  /** Numbers in tensors that are weights, without statistics and counters; null without a network. */
  readonly numParameters: number | null;
  /** How many tensors there are of each type. */
  readonly numTensorsByDtype: Readonly<Record<string, number>>;
  readonly tensors: readonly (TensorInfo & { readonly name: string })[];
  /** What does not fit, tensor by tensor. */
  readonly faults: WeightsFit<TensorInfo>['faults'];
  /** Why it does not fit, in a line; null where it fits or the faults say it all. */
  readonly cause: string | null;
}

/** Looks at a file's names and shapes: which network they are, and what of them does not fit it, or does not fit the one asked for. */
export function inspectWeights(
  stored: ReadonlyMap<string, TensorInfo & { readonly name: string }>,
  asked?: NetworkOptions,
): WeightsInspection {
  const tensors = [...stored.values()].map(({ name, dtype, shape }) => ({ name, dtype, shape }));
  const bare = networkTensors(stored);
  const shapes = new Map([...bare.tensors].map(([name, { shape }]) => [name, shape]));
  const numClasses = shapes.get('fc.weight')?.[0] ?? null;
  const facts = {
    prefix: bare.prefix,
    headPrefix: bare.headPrefix ?? null,
    numTensorsBeside: counted(bare.beside.map((name) => name.split('.')[0] ?? '')),
    numClasses,
    numTensorsByDtype: counted(tensors.map(({ dtype }) => dtype)),
    tensors,
  };
  const foreign = asked === undefined ? foreignNetwork(shapes) : undefined;
  const identified = asked === undefined ? identifyNetwork(shapes) : { model: asked, undetermined: [] };
  if (foreign !== undefined || identified === undefined) {
    const cause =
      foreign === undefined
        ? 'no network of ours has a stem and blocks like these: --model NAME compares them'
        : `it is of ${foreign}`;
    const faults = [{ path: '', message: cause }];
    return { ...facts, model: null, undetermined: [], numParameters: null, faults, cause };
  }
  const network = buildNetwork(identified.model);
  const layout = layoutOf(network);
  // Without a head it is one for fine-tuning; compared with a network that was asked for, it lacks one.
  const { faults, cause = null } = fitWeights(network, layout, stored, {
    newHead: asked === undefined && numClasses === null,
  });
  return { ...facts, ...identified, numParameters: layout.numParameters, faults, cause };
}

function counted(values: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return Object.fromEntries(counts);
}
