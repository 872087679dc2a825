import { addInto } from './add-into.js';
import { addRounded } from './bfloat16.js';

/** left += right, the first `numRounded` elements of both and of the sum rounded to bfloat16. */
export function addVectors(left: Float32Array, right: Float32Array, numRounded: number): void {
  addRounded(left.subarray(0, numRounded), right.subarray(0, numRounded));
  addInto(left.subarray(numRounded), right.subarray(numRounded));
}
