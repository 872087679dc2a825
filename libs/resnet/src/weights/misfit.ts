import { RefusedInputError } from '#contracts';
import type { Network } from '../network/network.js';

const NUM_NAMED = 3;

/** The error that refuses a file for a network: its message names the first tensors, `faults` holds all. */
export function misfit(network: Network, faults: RefusedInputError['faults']): RefusedInputError {
  const named = faults.slice(0, NUM_NAMED).map(({ path, message }) => `${path}: ${message}`);
  const rest = faults.length - named.length;
  const more = rest === 0 ? '' : ` and ${rest} more`;
  return new RefusedInputError(`the file does not fit ${network.architecture}: ${named.join('; ')}${more}`, faults);
}
