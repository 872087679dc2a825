import type { Network } from '../network/network.js';
import type { VectorLayout } from '../layout/layout.js';
import type { TensorInfo } from './safetensors-header.js';
import { stateDictItems, type StateDictItem } from './state-dict.js';
import { FLOAT_DTYPES } from './stored-floats.js';
import { unwrapped } from './stored-names.js';

/** How the tensors of a file fit a network. */
export interface WeightsFit<T> {
  /** Tensors of the file by the network's names. */
  readonly tensors: ReadonlyMap<string, T>;
  /** What stood before every name. */
  readonly prefix: string;
  /** Rows of the head that come before the network's classes: 1 where the file has a background class, else 0. */
  readonly numRowsSkipped: 0 | 1;
  /** Items that the network takes from the file. */
  readonly taken: readonly StateDictItem[];
  /** Tensor by tensor. */
  readonly faults: readonly { readonly path: string; readonly message: string }[];
}

export interface FitOptions {
  /** The network gets a head of its own: that of the file is not looked at. Default: false. */
  readonly newHead?: boolean | undefined;
}

/** Models that descend from Inception's label map have a background class before ImageNet's thousand. */
const IMAGENET_CLASSES = 1000;

/** Whether a state-dict name is the head's. */
const isOfHead = (network: Network, name: string): boolean => {
  const head = network.nodes.at(-1);
  return head?.kind === 'dense' && (name === `${head.name}.weight` || name === `${head.name}.bias`);
};

/**
 * Compares what a file says it holds with what a network needs, as torchvision and timm write it: any kind of float,
 * counters or none, names with or without a wrapper's prefix, 1000 classes with or without a background class.
 */
export function fitWeights<T extends TensorInfo>(
  network: Network,
  layout: VectorLayout,
  stored: ReadonlyMap<string, T>,
  options: FitOptions = {},
): WeightsFit<T> {
  const { prefix, tensors } = unwrapped(stored);
  const items = stateDictItems(network, layout);
  const isSkipped = ({ name }: StateDictItem): boolean => options.newHead === true && isOfHead(network, name);
  const taken = items.filter((item) => !isSkipped(item));
  const head = items.filter(({ name }) => isOfHead(network, name));
  const hasBackground =
    options.newHead !== true &&
    network.numClasses === IMAGENET_CLASSES &&
    head.every(({ name }) => tensors.get(name)?.shape[0] === IMAGENET_CLASSES + 1);

  const faults: { path: string; message: string }[] = [];
  for (const { name, kind, torchShape } of taken) {
    const tensor = tensors.get(name);
    if (kind === 'counter') {
      // Files older than PyTorch 0.4.1, and of some converters, have none.
      if (tensor !== undefined && tensor.shape.length > 0) {
        faults.push({ path: name, message: `a single number expected, ${described(tensor)} came` });
      }
      continue;
    }
    const [rows = 0, ...rest] = torchShape;
    const shape = hasBackground && isOfHead(network, name) ? [rows + 1, ...rest] : torchShape;
    const expected = `floats [${shape.join(', ')}] expected`;
    if (tensor === undefined) faults.push({ path: name, message: `missing, ${expected}` });
    else if (!FLOAT_DTYPES.includes(tensor.dtype) || tensor.shape.join() !== shape.join()) {
      faults.push({ path: name, message: `${expected}, ${described(tensor)} came` });
    }
  }
  const known = new Set(items.map(({ name }) => name));
  for (const name of tensors.keys()) {
    if (!known.has(name)) faults.push({ path: name, message: `is no tensor of ${network.architecture}` });
  }
  return { tensors, prefix, numRowsSkipped: hasBackground ? 1 : 0, taken, faults };
}

const described = ({ dtype, shape }: TensorInfo): string => `${dtype} [${shape.join(', ')}]`;
