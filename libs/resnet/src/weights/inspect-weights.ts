import { buildNetwork } from '../network/build-network.js';
import type { NetworkOptions } from '../network/network-options.js';
import { layoutOf } from '../layout/vector-layout.js';
import { fitWeights, type WeightsFit } from './fit-weights.js';
import { identifyNetwork, type IdentifiedNetwork } from './identify-network.js';
import type { TensorInfo, TensorPlace } from './safetensors-header.js';
import { unwrapped } from './stored-names.js';

/** What a weights file is found to be. */
export interface WeightsInspection {
  /** The network it is compared with: the one asked for, else the one its tensors tell of, if they do. */
  readonly model: NetworkOptions | null;
  /** Of an identified network: what the weights do not tell. */
  readonly undetermined: IdentifiedNetwork['undetermined'];
  readonly prefix: string;
  /** Rows of the head; null without one. */
  readonly numClasses: number | null;
  /** Numbers in tensors that are weights, without statistics and counters; null without a network. */
  readonly numParameters: number | null;
  /** How many tensors there are of each type. */
  readonly numTensorsByDtype: Readonly<Record<string, number>>;
  readonly tensors: readonly (TensorInfo & { readonly name: string })[];
  /** What does not fit, tensor by tensor. */
  readonly faults: WeightsFit<TensorInfo>['faults'];
}

/** Looks at a header: which network its tensors are, and what of them does not fit it, or does not fit the one asked for. */
export function inspectWeights(places: readonly TensorPlace[], asked?: NetworkOptions): WeightsInspection {
  const tensors = places.map(({ name, dtype, shape }) => ({ name, dtype, shape }));
  const stored = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const bare = unwrapped(stored);
  const shapes = new Map([...bare.tensors].map(([name, { shape }]) => [name, shape]));
  const found = asked === undefined ? identifyNetwork(shapes) : { model: asked, undetermined: [] };
  const numTensorsByDtype: Record<string, number> = {};
  for (const { dtype } of tensors) numTensorsByDtype[dtype] = (numTensorsByDtype[dtype] ?? 0) + 1;
  const facts = {
    prefix: bare.prefix,
    numClasses: shapes.get('fc.weight')?.[0] ?? null,
    numTensorsByDtype,
    tensors,
  };
  if (found === undefined) {
    const faults = [
      { path: '', message: 'no network of ours has a stem, blocks and a head like these: --model NAME compares them' },
    ];
    return { ...facts, model: null, undetermined: [], numParameters: null, faults };
  }
  const network = buildNetwork(found.model);
  const layout = layoutOf(network);
  const { faults } = fitWeights(network, layout, stored);
  return { ...facts, ...found, numParameters: layout.numParameters, faults };
}
