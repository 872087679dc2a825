import { RefusedInputError } from '#contracts';
import type { VectorLayout } from '../layout/layout.js';
import type { NetworkState } from '../layout/initial-state.js';
import type { Network } from '../network/network.js';
import { engineToTorch, torchToEngine } from './kernel-transpose.js';
import { misfit } from './misfit.js';
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from './safetensors-codec.js';
import { stateDictItems, type StateDictItem } from './state-dict.js';

/** What a weights file holds, in VectorLayout order; a fresh copy that belongs to the caller. */
export interface LoadedWeights {
  readonly parameters: Float32Array<ArrayBuffer>;
  readonly statistics: Float32Array<ArrayBuffer>;
  /** Training steps behind the running statistics; 0 where the file does not say. */
  readonly numBatchesTracked: number;
}

type Item<Kind> = Extract<StateDictItem, { kind: Kind }>;

/**
 * Weights and running statistics as a torchvision state dict in safetensors: `load_file` of PyTorch's safetensors reads
 * it. The same state gives the same bytes. One pass over the parameters; ResNet-50 (102 MB) takes some 0.3 s.
 */
export function weightsToSafetensors(
  network: Network,
  layout: VectorLayout,
  state: Pick<NetworkState, 'parameters' | 'statistics'>,
  numBatchesTracked: number,
): Uint8Array<ArrayBuffer> {
  checkLength('parameters', state.parameters.length, layout.numParameters);
  checkLength('statistics', state.statistics.length, layout.numStatistics);
  return encode(stateDictItems(network, layout), (item, data) => {
    if (item.kind === 'parameter') return writeParameter(item, state.parameters, data);
    if (item.kind === 'statistic') return floats(data).set(slice(state.statistics, item.entry));
    new DataView(data.buffer, data.byteOffset, 8).setBigInt64(0, BigInt(numBatchesTracked), true);
  });
}

/** The way back. Throws RefusedInputError that lists every missing, foreign or misshapen tensor. */
export function weightsFromSafetensors(network: Network, layout: VectorLayout, bytes: Uint8Array): LoadedWeights {
  const items = stateDictItems(network, layout);
  const { tensors } = decodeSafetensors(bytes);
  checkTensors(network, items, tensors);
  const parameters = new Float32Array(layout.numParameters);
  const statistics = new Float32Array(layout.numStatistics);
  let numBatchesTracked = 0;
  for (const item of items) {
    const tensor = tensors.get(item.name);
    if (tensor === undefined) continue;
    if (item.kind === 'parameter') torchToEngine(item.entry, floats(tensor.data), slice(parameters, item.entry));
    else if (item.kind === 'statistic') slice(statistics, item.entry).set(floats(tensor.data));
    else numBatchesTracked = readCounter(tensor.data);
  }
  return { parameters, statistics, numBatchesTracked };
}

/** A vector that the optimiser keeps, as safetensors, under the names and in the layout of the parameters that are trained. */
export function slotToSafetensors(network: Network, layout: VectorLayout, slot: Float32Array): Uint8Array<ArrayBuffer> {
  checkLength('a slot of the optimiser', slot.length, layout.numTrained);
  return encode(trainedItems(network, layout), (item, data) => writeParameter(item, slot, data));
}

/** The way back of slotToSafetensors; refuses as weightsFromSafetensors does. */
export function slotFromSafetensors(
  network: Network,
  layout: VectorLayout,
  bytes: Uint8Array,
): Float32Array<ArrayBuffer> {
  const items = trainedItems(network, layout);
  const { tensors } = decodeSafetensors(bytes);
  checkTensors(network, items, tensors);
  const vector = new Float32Array(layout.numTrained);
  for (const { name, entry } of items) {
    const tensor = tensors.get(name);
    if (tensor !== undefined) torchToEngine(entry, floats(tensor.data), slice(vector, entry));
  }
  return vector;
}

const trainedItems = (network: Network, layout: VectorLayout): Item<'parameter'>[] =>
  stateDictItems(network, layout).filter(
    (item): item is Item<'parameter'> => item.kind === 'parameter' && !item.entry.isFrozen,
  );

function encode<T extends StateDictItem>(
  items: readonly T[],
  write: (item: T, data: Uint8Array<ArrayBuffer>) => void,
): Uint8Array<ArrayBuffer> {
  const byName = new Map(items.map((item) => [item.name, item]));
  const descriptions = items.map(({ name, kind, torchShape }) => {
    const dtype = kind === 'counter' ? ('I64' as const) : ('F32' as const);
    return { name, dtype, shape: torchShape };
  });
  return encodeSafetensors(descriptions, { format: 'pt' }, (name, data) => {
    const item = byName.get(name);
    if (item !== undefined) write(item, data);
  });
}

const writeParameter = (item: Item<'parameter'>, source: Float32Array, data: Uint8Array): void =>
  engineToTorch(item.entry, slice(source, item.entry), floats(data));

const slice = (vector: Float32Array, range: { offset: number; length: number }): Float32Array =>
  vector.subarray(range.offset, range.offset + range.length);

/** A view where the bytes are aligned, else a copy. Hosts are little-endian, as every platform of Node in use is. */
function floats(data: Uint8Array): Float32Array {
  const aligned = data.byteOffset % 4 === 0 ? data : new Uint8Array(data);
  return new Float32Array(aligned.buffer, aligned.byteOffset, data.byteLength / 4);
}

/** Steps stay far below 2^53. */
const readCounter = (data: Uint8Array): number =>
  Number(new DataView(data.buffer, data.byteOffset, 8).getBigInt64(0, true));

function checkLength(what: string, actual: number, expected: number): void {
  if (actual !== expected) throw new RefusedInputError(`${what}: ${expected} numbers expected, ${actual} came`);
}

/** Counters may be missing: weights older than PyTorch 0.4.1 and some converters have none. */
function checkTensors(
  network: Network,
  items: readonly StateDictItem[],
  tensors: ReadonlyMap<string, StoredTensor>,
): void {
  const faults: { path: string; message: string }[] = [];
  const known = new Set(items.map((item) => item.name));
  for (const item of items) {
    const tensor = tensors.get(item.name);
    const dtype = item.kind === 'counter' ? 'I64' : 'F32';
    const expected = `${dtype} [${item.torchShape.join(', ')}]`;
    if (tensor === undefined) {
      if (item.kind !== 'counter') faults.push({ path: item.name, message: `missing, ${expected} expected` });
      continue;
    }
    const actual = `${tensor.dtype} [${tensor.shape.join(', ')}]`;
    if (actual !== expected) faults.push({ path: item.name, message: `${expected} expected, ${actual} came` });
  }
  for (const name of tensors.keys()) {
    if (!known.has(name)) faults.push({ path: name, message: `is no tensor of ${network.architecture}` });
  }
  if (faults.length > 0) throw misfit(network, { faults, cause: undefined });
}
