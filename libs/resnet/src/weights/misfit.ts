import { RefusedInputError } from '#contracts';
import type { Network } from '../network/network.js';
import type { WeightsFit } from './fit-weights.js';

const NUM_NAMED = 3;

/** The error that refuses a file for a network: its message gives the cause or the first tensors, `faults` holds all. */
export function misfit(
  network: Network,
  { faults, cause }: Pick<WeightsFit<unknown>, 'faults' | 'cause'>,
): RefusedInputError {
  const named = faults.slice(0, NUM_NAMED).map(({ path, message }) => `${path}: ${message}`);
  const rest = faults.length - named.length;
  const more = rest === 0 ? '' : ` and ${rest} more`;
  return new RefusedInputError(
    `the file does not fit ${network.architecture}: ${cause ?? `${named.join('; ')}${more}`}`,
    faults,
  );
}
