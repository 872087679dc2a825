import { buildNetwork } from '../network/build-network.js';
import type { Network } from '../network/network.js';
import type { VectorLayout } from '../layout/layout.js';
import { layoutOf } from '../layout/vector-layout.js';
import { misfitCause } from './misfit-cause.js';
import type { TensorInfo } from './safetensors-header.js';
import { stateDictItems, type StateDictItem } from './state-dict.js';
import { FLOAT_DTYPES } from './stored-floats.js';
import { networkTensors, type NetworkTensors } from './stored-names.js';

/** How the tensors of a file fit a network. */
export interface WeightsFit<T> extends NetworkTensors<T> {
  /** Rows of the head that come before the network's classes: 1 where the file has a background class, else 0. */
  readonly numRowsSkipped: 0 | 1;
  /** Items that the network takes from the file. */
  readonly taken: readonly StateDictItem[];
  /** Tensor by tensor. */
  readonly faults: readonly { readonly path: string; readonly message: string }[];
  /** Why it does not fit, in a line, where there is more to say than what the faults say. */
  readonly cause: string | undefined;
}

export interface FitOptions {
  /** The network gets a head of its own: that of the file, whatever it is, is not looked at. Default: false. */
  readonly newHead?: boolean | undefined;
}

/** Models that descend from Inception's label map have a background class before ImageNet's thousand. */
const IMAGENET_CLASSES = 1000;

/** Whether a state-dict name is the head's. */
const isOfHead = (network: Network, name: string): boolean => {
  const head = network.nodes.at(-1);
  return head?.kind === 'dense' && name.startsWith(`${head.name}.`);
};

/**
 * Compares what a file says it holds with what a network needs, as torchvision, timm and trainers around them write it: any
 * kind of float, counters or none, under any prefix, 1000 classes with or without a background class.
 */
export function fitWeights<T extends TensorInfo>(
  network: Network,
  layout: VectorLayout,
  stored: ReadonlyMap<string, T>,
  options: FitOptions = {},
): WeightsFit<T> {
  const found = networkTensors(stored);
  if (found.isAmbiguous) {
    const prefixes = [found.prefix, ...found.others].map((prefix) => prefix || '(no prefix)');
    const cause = `it holds several networks, under ${prefixes.join(' and ')}: keep one of them in the file`;
    return { ...found, taken: [], numRowsSkipped: 0, faults: [{ path: '', message: cause }], cause };
  }
  const compared = compare(network, layout, found.tensors, options);
  if (compared.faults.length === 0) return { ...found, ...compared, cause: undefined };
  const cause = misfitCause(network, {
    found,
    paths: compared.faults.map(({ path }) => path),
    isOfHead: (name) => isOfHead(network, name),
    fits: (model) => {
      const other = buildNetwork(model);
      return compare(other, layoutOf(other), found.tensors, { newHead: true }).faults.length === 0;
    },
  });
  return { ...found, ...compared, cause };
}

type Comparison = Pick<WeightsFit<TensorInfo>, 'numRowsSkipped' | 'taken' | 'faults'>;

function compare(
  network: Network,
  layout: VectorLayout,
  tensors: ReadonlyMap<string, TensorInfo>,
  { newHead = false }: FitOptions,
): Comparison {
  const items = stateDictItems(network, layout);
  const taken = items.filter(({ name }) => !newHead || !isOfHead(network, name));
  const head = items.filter(({ name }) => isOfHead(network, name));
  const hasBackground =
    !newHead &&
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
    if (known.has(name) || (newHead && !isOfBackbone(name, known))) continue;
    faults.push({ path: name, message: `is no tensor of ${network.architecture}` });
  }
  return { numRowsSkipped: hasBackground ? 1 : 0, taken, faults };
}

/** Where a head is replaced, all that comes after the stages was one: `fc.0.weight`, `projector.2.bias`. */
function isOfBackbone(name: string, known: ReadonlySet<string>): boolean {
  const [part = ''] = name.split('.');
  return /^(layer\d+|conv1|bn1)$/.test(part) || (part !== 'fc' && [...known].some((of) => of.startsWith(`${part}.`)));
}

const described = ({ dtype, shape }: TensorInfo): string => `${dtype} [${shape.join(', ')}]`;
