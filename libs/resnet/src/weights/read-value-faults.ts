import { open } from 'node:fs/promises';
import type { Network } from '../network/network.js';
import type { VectorLayout } from '../layout/layout.js';
import { fitWeights, type FitOptions } from './fit-weights.js';
import { numbersOf } from './stored-floats.js';
import { valueFault } from './value-fault.js';
import type { WeightsHeader } from './weights-header.js';

/**
 * The tensors of a file that fits a network whose numbers are no weights: infinite, NaN, negative variances. Reads one
 * tensor at a time, so that other work goes on: 0.2 s for ResNet-50, and its largest tensor in memory.
 */
export async function readValueFaults(
  path: string,
  { places, dataAt }: WeightsHeader,
  { network, layout, ...options }: FitOptions & { readonly network: Network; readonly layout: VectorLayout },
): Promise<readonly { readonly path: string; readonly message: string }[]> {
  const fit = fitWeights(network, layout, new Map(places.map((place) => [place.name, place])), options);
  const faults: { path: string; message: string }[] = [];
  await using file = await open(path);
  for (const item of fit.taken) {
    const place = fit.tensors.get(item.name);
    if (place === undefined || item.kind === 'counter') continue;
    const data = new Uint8Array(place.end - place.begin);
    await file.read(data, 0, data.length, dataAt + place.begin);
    const message = valueFault(item, numbersOf({ ...place, data }));
    if (message !== undefined) faults.push({ path: item.name, message });
  }
  return faults;
}
