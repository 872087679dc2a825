import type { VectorLayout } from '../layout/layout.js';
import type { NetworkState } from '../layout/initial-state.js';
import type { Network } from '../network/network.js';
import { fitWeights } from './fit-weights.js';
import { torchToEngine } from './kernel-transpose.js';
import { misfit } from './misfit.js';
import { openWeights } from './open-weights.js';
import { decodeSafetensors, type StoredTensor } from './safetensors-codec.js';
import { numbersOf } from './stored-floats.js';
import { valueFault } from './value-fault.js';
import type { LoadedWeights } from './weights-file.js';

export interface ImportOptions {
  /** The head is taken from this state instead of the file, which may have another number of classes. */
  readonly newHead?: Pick<NetworkState, 'parameters'> | undefined;
}

/**
 * Weights of a file that somebody else may have written, as `openWeights` opens and `fitWeights` takes them. Reads what the
 * network takes, no more. Throws RefusedInputError that gives the cause and lists every tensor that is missing, foreign,
 * misshapen, or holds what no weights are.
 */
export async function loadWeights(network: Network, layout: VectorLayout, path: string): Promise<LoadedWeights> {
  await using file = await openWeights(path);
  const fit = fitWeights(network, layout, file.tensors);
  if (fit.faults.length > 0) throw misfit(network, fit);
  const tensors = new Map<string, StoredTensor>();
  for (const { name } of fit.taken) {
    const tensor = fit.tensors.get(name);
    if (tensor !== undefined) tensors.set(name, await tensor.read());
  }
  return imported(network, layout, tensors, {});
}

/** The same of the bytes of a safetensors file. */
export function importWeights(
  network: Network,
  layout: VectorLayout,
  bytes: Uint8Array,
  options: ImportOptions = {},
): LoadedWeights {
  return imported(network, layout, decodeSafetensors(bytes).tensors, options);
}

function imported(
  network: Network,
  layout: VectorLayout,
  stored: ReadonlyMap<string, StoredTensor>,
  { newHead }: ImportOptions,
): LoadedWeights {
  const fit = fitWeights(network, layout, stored, { newHead: newHead !== undefined });
  if (fit.faults.length > 0) throw misfit(network, fit);
  const faults: { path: string; message: string }[] = [];
  const parameters = newHead === undefined ? new Float32Array(layout.numParameters) : newHead.parameters.slice();
  const statistics = new Float32Array(layout.numStatistics);
  let numBatchesTracked = 0;
  for (const item of fit.taken) {
    const tensor = fit.tensors.get(item.name);
    if (tensor === undefined) continue;
    if (item.kind === 'counter') {
      numBatchesTracked = counted(tensor);
      continue;
    }
    const numbers = numbersOf(tensor);
    const fault = valueFault(item, numbers);
    if (fault !== undefined) faults.push({ path: item.name, message: fault });
    const { offset, length } = item.entry;
    // Behind the background class; everything else is as long as its place.
    const own = numbers.subarray(numbers.length - length);
    if (item.kind === 'statistic') statistics.set(own, offset);
    else torchToEngine(item.entry, own, parameters.subarray(offset, offset + length));
  }
  if (faults.length > 0) throw misfit(network, { faults, cause: undefined });
  return { parameters, statistics, numBatchesTracked };
}

/** Steps stay far below 2^53; a counter that a converter made a float of is not worth a guess. */
const counted = ({ dtype, data }: StoredTensor): number =>
  dtype === 'I64' ? Number(new DataView(data.buffer, data.byteOffset, 8).getBigInt64(0, true)) : 0;
