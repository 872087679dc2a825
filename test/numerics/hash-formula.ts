import { buildNetwork, layoutOf, type Network, type VectorLayout } from '#resnet';
import { stateDictItems } from '../../libs/resnet/src/weights/state-dict.js';
import { torchToEngine } from '../../libs/resnet/src/weights/kernel-transpose.js';
import type { ReplicaState } from '#engine';
import type { Batch } from '#data-loading';

/** The test runner looks globals up in its context each time, which would be most of the cost. */
const { imul } = Math;

/** The formula of golden.py: murmur3's finaliser of index * 2654435761 + salt * 40503. */
function hashUint32(index: number, salt: number): number {
  let hash = (imul(index, 2654435761) + imul(salt, 40503)) >>> 0;
  hash = imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** golden.py's `hashed_state`: the salt of a tensor is its place in the state dict, from 1. */
export function hashedState(network: Network, layout: VectorLayout): ReplicaState {
  const parameters = new Float32Array(layout.numParameters);
  const statistics = new Float32Array(layout.numStatistics);
  for (const [place, item] of stateDictItems(network, layout).entries()) {
    if (item.kind === 'counter') continue;
    const { offset, length } = item.entry;
    const values = hashedTensor(item.name, item.torchShape, place + 1);
    if (item.kind === 'statistic') statistics.set(values, offset);
    else torchToEngine(item.entry, values, parameters.subarray(offset, offset + length));
  }
  return { parameters, statistics, slots: { momentum: new Float32Array(layout.numParameters) } };
}

/** A tensor of golden.py's `hashed_state` in PyTorch's layout. */
export function hashedTensor(name: string, torchShape: readonly number[], salt: number): Float32Array<ArrayBuffer> {
  const scale = rangeOf(name, torchShape);
  const values = new Float32Array(torchShape.reduce((product, size) => product * size, 1));
  for (let index = 0; index < values.length; index += 1) values[index] = scale(hashUint32(index, salt) / 2 ** 32);
  return values;
}

/** The upper byte of each hash: golden.py's pixels. */
export function hashedBytes(length: number, salt: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => hashUint32(index, salt) >>> 24);
}

/** golden.py's `batch`. */
export function hashedBatch(network: Network, numSamples: number, seed: number): Batch {
  const numBytes = numSamples * network.imageSize ** 2 * 3;
  return {
    images: hashedBytes(numBytes, 1000 + seed),
    labels: Int32Array.from({ length: numSamples }, (_, index) => hashUint32(index, 2000 + seed) % network.numClasses),
    numSamples,
  };
}

/** golden.py's `hashed_gradients` of one parameter, in PyTorch's layout. */
export function hashedGradients(
  length: number,
  { step, place, scale }: { readonly step: number; readonly place: number; readonly scale: number },
): Float32Array<ArrayBuffer> {
  const salt = 5000 + 200 * step + place;
  return Float32Array.from({ length }, (_, index) => (2 * (hashUint32(index, salt) / 2 ** 32) - 1) * scale);
}

/** A network with its layout. */
export function networkWithLayout(options: Parameters<typeof buildNetwork>[0]): {
  network: Network;
  layout: VectorLayout;
} {
  const network = buildNetwork(options);
  return { network, layout: layoutOf(network) };
}

function rangeOf(name: string, shape: readonly number[]): (uniform: number) => number {
  const [outputs = 1, inputs = 1, height = 1, width = 1] = shape;
  const kernelBound = Math.sqrt(6 / (outputs * height * width));
  if (shape.length === 4) return (uniform) => (2 * uniform - 1) * kernelBound;
  const root = Math.sqrt(inputs);
  if (shape.length === 2) return (uniform) => (2 * uniform - 1) / root;
  const isScale = /(bn\d|downsample\.1)\.weight$|running_var$/.test(name);
  return isScale ? (uniform) => 0.5 + uniform : (uniform) => 0.2 * uniform - 0.1;
}
